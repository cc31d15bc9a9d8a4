package dev.ringside.bdev;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * A user's way to an open device for one reactor: checks requests, splits them to the device's limits, queues those that
 * the device has no room for, and counts. All methods belong to the reactor.
 */
public final class BdevChannel implements AutoCloseable {
    private final BdevHandle handle;
    private final SharedChannel shared;
    /** The device's own channel, or the layer that stands before it. */
    private IoChannel device;

    private final Reactor reactor;
    private final ChannelStats stats = new ChannelStats();
    private final Splitter splitter = new Splitter(this);
    private final int blockShift;
    private final int supported;
    private final boolean writable;
    private final ChannelLimits limits;
    private long numBlocks;
    private boolean removed;
    private boolean closed;
    private int outstanding;
    /** Where the time of the requests goes; null: they are not timed. */
    private @Nullable ChannelTimes times;

    /** Requests that the device had no room for, oldest first. */
    private @Nullable BdevIo refusedHead;

    private @Nullable BdevIo refusedTail;

    BdevChannel(BdevHandle handle, SharedChannel shared, Reactor reactor, boolean writable) {
        BdevInfo info = handle.info();
        this.handle = handle;
        this.shared = shared;
        this.device = shared.top();
        this.reactor = reactor;
        this.writable = writable;
        this.blockShift = Integer.numberOfTrailingZeros(info.blockSize());
        this.limits = new ChannelLimits(info.limits());
        this.numBlocks = info.numBlocks();
        int bits = 0;
        for (IoType type : info.supported()) {
            bits |= 1 << type.ordinal();
        }
        this.supported = bits;
    }

    /**
     * Starts a request; its owner is told of the end, possibly before this returns. Call {@link #flush} after a batch.
     *
     * @throws IllegalStateException if the request is already in flight or the channel is closed: a defect of the caller
     */
    public void submit(BdevIo io) {
        if (io.inFlight || closed) {
            throw new IllegalStateException("a request was submitted twice, or to a closed channel");
        }
        begin(io);
        int status = check(io);
        if (status == IoStatus.OK) {
            pass(io);
        } else {
            finish(io, status);
        }
    }

    /**
     * Starts a request as {@link #submit} does, but for one that ends at once: its owner is not told.
     *
     * @return how it ended, or {@link IoChannel#LATER}: its owner will be told, or has been told
     * @throws IllegalStateException as {@link #submit}
     */
    public int start(BdevIo io) {
        if (io.inFlight || closed) {
            throw new IllegalStateException("a request was submitted twice, or to a closed channel");
        }
        int status = check(io);
        ChannelTimes timed = times;
        if (timed != null) {
            return startTimed(io, status, timed);
        }
        if (status == IoStatus.OK) {
            // Nothing overtakes what waits for room.
            status = refusedHead == null && limits.fit(io) ? device.tryNow(io) : IoChannel.LATER;
            if (status == IoChannel.LATER) {
                begin(io);
                pass(io);
                return status;
            }
        }
        stats.count(io.type().ordinal(), bytes(io.blocks()), status, 0);
        return status;
    }

    /** The same, with a look at the clock before and after. */
    private int startTimed(BdevIo io, int checked, ChannelTimes timed) {
        if (checked != IoStatus.OK) {
            stats.count(io.type().ordinal(), bytes(io.blocks()), checked, 0);
            return checked;
        }
        io.times().submitted(timed);
        int status = refusedHead == null && limits.fit(io) ? device.tryNow(io) : IoChannel.LATER;
        if (status == IoChannel.LATER) {
            begin(io);
            pass(io);
        } else {
            io.times().ended(timed, 0);
            stats.count(
                    io.type().ordinal(), bytes(io.blocks()), status, io.times().lastNs());
        }
        return status;
    }

    private void begin(BdevIo io) {
        io.inFlight = true;
        io.channel = this;
        io.submittedNs = reactor.nowNs();
        outstanding++;
        ChannelTimes timed = times;
        if (timed != null) {
            io.qosWaitNs = 0;
            io.times().submitted(timed);
        }
    }

    /** Passes on a request that has been checked, whole or in parts. */
    private void pass(BdevIo io) {
        if (limits.fit(io)) {
            if (io.type() == IoType.RESET) {
                splitter.abort();
            }
            dispatch(io);
        } else {
            if (times != null) {
                io.times().handed();
            }
            splitter.begin(io);
        }
    }

    /**
     * Tells of requests that come next, prepared but not yet submitted, so that the device can fetch what they need. They
     * may turn out wrong, or not come at all.
     *
     * @param ios the first {@code count} are meant
     */
    public void expect(BdevIo[] ios, int count) {
        device.expect(ios, count);
    }

    /** Tries again what the device had no room for, and hands what was submitted to the device. */
    public void flush() {
        if (refusedHead != null) {
            retryRefused();
        }
        device.flush();
    }

    /** Requests that have not ended. */
    public int outstanding() {
        return outstanding;
    }

    /** Whether requests wait for room in the device; {@link #flush} has to be called until none does. */
    public boolean congested() {
        return refusedHead != null;
    }

    /** Capacity now, in logical blocks. */
    public long numBlocks() {
        return numBlocks;
    }

    /**
     * Closes the way.
     *
     * @throws IllegalStateException if requests are in flight
     */
    @Override
    public void close() {
        if (outstanding > 0) {
            throw new IllegalStateException(outstanding + " requests are in flight");
        }
        if (!closed) {
            closed = true;
            handle.channelClosed(this, reactor, shared);
        }
    }

    /** Whether requests are timed. */
    public boolean timed() {
        return times != null;
    }

    @Nullable
    ChannelTimes times() {
        return times;
    }

    /** Times the requests that are submitted from now on; null: does not. */
    void time(@Nullable ChannelTimes next) {
        times = next;
    }

    Reactor reactor() {
        return reactor;
    }

    ChannelStats stats() {
        return stats;
    }

    boolean forDisk() {
        return handle.forDisk();
    }

    ChannelLimits limits() {
        return limits;
    }

    long bytes(long blocks) {
        return blocks << blockShift;
    }

    long blocks(long bytes) {
        return bytes >>> blockShift;
    }

    void resized(long blocks) {
        numBlocks = blocks;
    }

    void markRemoved() {
        removed = true;
        device.removed();
    }

    /** The layers before the device are others from now on. */
    void submitTo(IoChannel top) {
        device = top;
    }

    /** Takes back a request that a layer had taken. The next {@link #flush} submits it; not before, as that may throw. */
    void requeue(BdevIo io) {
        queueRefused(io);
    }

    void submitPart(BdevIo part) {
        part.inFlight = true;
        part.channel = this;
        dispatch(part);
    }

    void abort(BdevIo io) {
        if (io.part || limits.fit(io)) {
            abortDispatched(io);
        } else {
            splitter.abort(io);
        }
    }

    private void abortDispatched(BdevIo io) {
        if (takeRefused(io)) {
            completed(io, IoStatus.ABORTED);
        } else {
            device.abort(io);
        }
    }

    /** A request or a part has come back from the device. */
    void completed(BdevIo io, int status) {
        if (io.part) {
            io.inFlight = false;
            io.owner.ioDone(io, status);
        } else {
            finish(io, status);
        }
    }

    /** Ends a request. Whatever is thrown on the way, the owner is told: it would wait for ever. */
    void finish(BdevIo io, int status) {
        io.inFlight = false;
        outstanding--;
        ChannelTimes timed = times;
        if (timed != null) {
            io.times().ended(timed, io.qosWaitNs);
        }
        try {
            stats.count(io.type().ordinal(), bytes(io.blocks()), status, reactor.nowNs() - io.submittedNs);
        } finally {
            io.owner.ioDone(io, status);
        }
    }

    private int check(BdevIo io) {
        IoType type = io.type();
        if (removed) {
            return IoStatus.NO_DEVICE;
        }
        if ((supported & 1 << type.ordinal()) == 0) {
            return IoStatus.NOT_SUPPORTED;
        }
        if (type.hasRange()) {
            long lba = io.lba();
            long blocks = io.blocks();
            if (lba < 0 || blocks <= 0 || lba > numBlocks || blocks > numBlocks - lba) {
                return IoStatus.INVALID;
            }
            if (type.movesData() && io.data().bytes() != bytes(blocks)) {
                return IoStatus.INVALID;
            }
            if (!writable && type.modifies()) {
                return IoStatus.READ_ONLY;
            }
            if (type == IoType.COPY && !canCopy(io.source(), lba, blocks)) {
                return IoStatus.INVALID;
            }
        }
        return IoStatus.OK;
    }

    /** Whether the source is inside the device, and apart from the range, which is. */
    private boolean canCopy(long from, long to, long blocks) {
        return from >= 0 && from <= numBlocks - blocks && Math.abs(from - to) >= blocks;
    }

    private void dispatch(BdevIo io) {
        if (refusedHead != null || !submitToDevice(io)) {
            queueRefused(io);
        }
    }

    /**
     * A module ends a request whose data's memory is gone. What it throws is a fault of its device's registers, which its own
     * poller and time-outs find out about: to whoever asked, the request has failed.
     */
    private boolean submitToDevice(BdevIo io) {
        if (times != null) {
            io.times().handed();
        }
        try {
            return device.submit(io);
        } catch (InternalError e) {
            if (io.inFlight) {
                completed(io, -Errno.EIO);
            }
            return true;
        }
    }

    private void queueRefused(BdevIo io) {
        io.next = null;
        BdevIo tail = refusedTail;
        if (tail == null) {
            refusedHead = io;
        } else {
            tail.next = io;
        }
        refusedTail = io;
    }

    /** Takes a request off the queue of those that the device had no room for; false if it is not in it. */
    private boolean takeRefused(BdevIo io) {
        BdevIo before = null;
        for (BdevIo at = refusedHead; at != null; at = at.next) {
            if (at == io) {
                if (before == null) {
                    refusedHead = io.next;
                } else {
                    before.next = io.next;
                }
                if (refusedTail == io) {
                    refusedTail = before;
                }
                return true;
            }
            before = at;
        }
        return false;
    }

    private void retryRefused() {
        BdevIo io = refusedHead;
        while (io != null) {
            // Off the queue before it is submitted: it may end, and be used again by its owner, inside the call.
            refusedHead = io.next;
            if (refusedHead == null) {
                refusedTail = null;
            }
            if (!submitToDevice(io)) {
                io.next = refusedHead;
                refusedHead = io;
                if (refusedTail == null) {
                    refusedTail = io;
                }
                return;
            }
            io = refusedHead;
        }
    }
}
