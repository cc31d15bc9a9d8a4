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
import java.util.Arrays;
import java.util.BitSet;

/** The io_uring of one reactor with the requests in it; owned by that reactor. */
final class ReactorRing implements Poller, CompletionHandler {
    /** Requests in flight on one reactor; each has at most one operation in the ring. */
    static final int SLOTS = 256;

    /** What {@link #registerFile} returns when it could not. */
    static final int NO_SLOT = -1;

    private static final int FILE_SLOTS = 64;
    private static final int COMPLETIONS_PER_TURN = SLOTS;
    private static final int ZERO_BYTES = 64 << 10;

    private final IoUring ring;
    private final Mapping memory;
    private final FileRequest[] slots = new FileRequest[SLOTS];
    private final int[] free = new int[SLOTS];
    /** Slots for files that are not taken; empty where the kernel keeps none for us. */
    private final BitSet freeFiles = new BitSet(FILE_SLOTS);

    private final RegisteredMemory registered;

    private final Registration poller;
    private final Registration watch;
    private final Runnable onClose;
    private int freeCount = SLOTS;
    private int users;
    private boolean reaping;
    private boolean closed;
    private long strays;

    private ReactorRing(Reactor reactor, IoUring ring, Runnable onClose) throws LinuxException {
        this.ring = ring;
        this.onClose = onClose;
        // Closing the ring ends the watch, too, should there be no memory.
        this.watch = reactor.watch(ring.fd());
        this.memory = Mapping.anonymous(BouncePool.BYTES + ZERO_BYTES + (long) SLOTS * FileRequest.IOVEC_BYTES);
        MemorySegment all = memory.segment();
        this.registered = new RegisteredMemory(ring);
        BouncePool bounces = new BouncePool(all.asSlice(0, BouncePool.BYTES));
        MemorySegment zeroes = all.asSlice(BouncePool.BYTES, ZERO_BYTES);
        for (int i = 0; i < SLOTS; i++) {
            long at = BouncePool.BYTES + ZERO_BYTES + (long) i * FileRequest.IOVEC_BYTES;
            slots[i] = new FileRequest(i, all.asSlice(at, FileRequest.IOVEC_BYTES), registered, bounces, zeroes);
            free[i] = SLOTS - 1 - i;
        }
        makeFileSlots();
        this.poller = reactor.register("uring", this);
    }

    private void makeFileSlots() {
        int[] empty = new int[FILE_SLOTS];
        Arrays.fill(empty, -1);
        try {
            ring.registerFiles(empty);
            freeFiles.set(0, FILE_SLOTS);
        } catch (LinuxException e) {
            // Files are then named by their descriptors, which costs a little for each operation.
            freeFiles.clear();
        }
    }

    /** Makes a file known to the ring, so that the kernel need not look it up for each operation; its slot, or NO_SLOT. */
    int registerFile(int fd) {
        int slot = freeFiles.nextSetBit(0);
        if (slot == NO_SLOT) {
            return NO_SLOT;
        }
        try {
            ring.updateFile(slot, fd);
        } catch (LinuxException e) {
            return NO_SLOT;
        }
        freeFiles.clear(slot);
        return slot;
    }

    /** Gives a slot back; NO_SLOT is none. Nothing of the file is in flight. */
    void forgetFile(int slot) {
        if (slot == NO_SLOT) {
            return;
        }
        try {
            ring.updateFile(slot, -1);
            freeFiles.set(slot);
        } catch (LinuxException e) {
            // The slot stays taken, and the kernel keeps the file until the ring is closed.
            freeFiles.clear(slot);
        }
    }

    /**
     * Makes a ring and lets the reactor poll it.
     *
     * @param onClose called when the last user has left
     * @throws LinuxException if there are no descriptors or no memory for it
     */
    static ReactorRing open(Reactor reactor, Runnable onClose) throws LinuxException {
        IoUring ring = new IoUring(SLOTS);
        try {
            return new ReactorRing(reactor, ring, onClose);
        } catch (LinuxException e) {
            ring.close();
            throw e;
        }
    }

    /** Registers memory with the ring, in the turns that follow, for as long as the ring is there. */
    void addMemory(MemorySegment memory) {
        if (!closed) {
            registered.add(memory);
        }
    }

    /** Unregisters memory that nobody uses any more. */
    void removeMemory(MemorySegment memory) {
        if (!closed) {
            registered.remove(memory);
        }
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

    /** Takes a request on, to be handed to the kernel by the next {@link #submit}; false if there is no room for it. */
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
        handOverEarly();
        return true;
    }

    /**
     * Hands over what is prepared as soon as it is as much as the kernel has already: the first request goes at once, so that
     * an idle device has work while the others are prepared, and each further batch is as large as all before it together.
     */
    private void handOverEarly() {
        int prepared = ring.capacity() - ring.room();
        int handedOver = SLOTS - freeCount - prepared;
        if (prepared >= handedOver) {
            ring.submit();
        }
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
            registered.turn();
        }
        return completed;
    }

    @Override
    public boolean arm() {
        // After the reap nothing has been submitted that is not in the kernel, and a completion makes the ring
        // readable.
        return reap() == 0 && !closed && ring.room() == ring.capacity() && registered.settled();
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
        memory.close();
        onClose.run();
    }
}
