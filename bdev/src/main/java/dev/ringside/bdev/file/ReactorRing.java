package dev.ringside.bdev.file;

import dev.ringside.bdev.BdevIo;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import dev.ringside.env.uring.CompletionHandler;
import dev.ringside.env.uring.IoUring;
import java.lang.foreign.MemorySegment;

/** The io_uring of one reactor with the requests in it; owned by that reactor. */
final class ReactorRing implements Poller, CompletionHandler {
    /** Requests in flight on one reactor; each has at most one operation in the ring. */
    static final int SLOTS = 256;

    private static final int COMPLETIONS_PER_TURN = SLOTS;
    private static final int ZERO_BYTES = 64 << 10;

    private final IoUring ring;
    private final Mapping memory;
    private final BouncePool bounces;
    private final FileRequest[] slots = new FileRequest[SLOTS];
    private final int[] free = new int[SLOTS];
    private final Registration poller;
    private final Registration watch;
    private final Runnable onClose;
    private int freeCount = SLOTS;
    private int users;
    private boolean reaping;
    private boolean closed;
    private long strays;

    /**
     * Makes a ring and lets the reactor poll it.
     *
     * @param onClose called when the last user has left
     */
    ReactorRing(Reactor reactor, Runnable onClose) throws LinuxException {
        this.onClose = onClose;
        this.ring = new IoUring(SLOTS);
        // Zeroes first, at the start of a page: direct I/O reads them.
        this.memory = Mapping.anonymous(ZERO_BYTES + (long) SLOTS * FileRequest.IOVEC_BYTES);
        this.bounces = new BouncePool();
        MemorySegment zeroes = memory.segment().asSlice(0, ZERO_BYTES);
        for (int i = 0; i < SLOTS; i++) {
            long at = ZERO_BYTES + (long) i * FileRequest.IOVEC_BYTES;
            MemorySegment iovecs = memory.segment().asSlice(at, FileRequest.IOVEC_BYTES);
            slots[i] = new FileRequest(i, iovecs, bounces, zeroes);
            free[i] = SLOTS - 1 - i;
        }
        this.watch = reactor.watch(ring.fd());
        this.poller = reactor.register("uring", this);
    }

    void join() {
        users++;
    }

    /** A user has gone; with the last one the ring goes, when it is not in use further up the stack. */
    void leave() {
        users--;
        if (users == 0 && !reaping) {
            close();
        }
    }

    /** Takes a request on, to be handed to the kernel with the next {@link #submit}; false if there is no room for it. */
    boolean start(FileIoChannel channel, BdevIo io) {
        if (freeCount == 0) {
            return false;
        }
        FileRequest request = slots[free[freeCount - 1]];
        if (!request.begin(channel, io)) {
            return false;
        }
        freeCount--;
        request.prepare(ring);
        return true;
    }

    /** Hands over what was prepared. What the kernel has no memory for stays, and goes with the next turn. */
    void submit() {
        ring.submit();
    }

    @Override
    public int poll(long nowNs) {
        int completed = reap();
        if (!closed) {
            ring.submit();
        }
        return completed;
    }

    @Override
    public boolean arm() {
        // After the reap nothing has been submitted that is not in the kernel, and a completion makes the ring
        // readable.
        return reap() == 0 && !closed && ring.room() == ring.capacity();
    }

    @Override
    public void completed(long userData, int result, int flags) {
        if (userData < 0 || userData >= SLOTS || !slots[(int) userData].busy()) {
            strays++;
            return;
        }
        FileRequest request = slots[(int) userData];
        int status = request.advance(result);
        if (status == FileRequest.MORE) {
            request.prepare(ring);
            return;
        }
        FileIoChannel channel = request.channel();
        BdevIo io = request.io();
        channel.done(io, finish(request, status));
    }

    /** Completions that belonged to no request. */
    long strays() {
        return strays;
    }

    private int finish(FileRequest request, int status) {
        free[freeCount++] = request.index();
        try {
            return request.finish(status);
        } catch (InternalError e) {
            // The guest's memory vanished under a copy.
            return request.finish(-Errno.EFAULT);
        }
    }

    private int reap() {
        if (closed) {
            return 0;
        }
        reaping = true;
        try {
            return ring.reap(this, COMPLETIONS_PER_TURN);
        } finally {
            reaping = false;
            if (users == 0) {
                close();
            }
        }
    }

    private void close() {
        closed = true;
        poller.close();
        watch.close();
        ring.close();
        bounces.close();
        memory.close();
        onClose.run();
    }
}
