package dev.ringside.bdev;

import dev.ringside.env.linux.Errno;
import org.jspecify.annotations.Nullable;

/**
 * One request to a block device. Preallocated by its owner and reused for ever: {@link #prepare}, then {@link
 * BdevChannel#submit}, then the owner is told of the end. Belongs to one reactor.
 */
public final class BdevIo {
    /** Flag of a WRITE or a WRITE_ZEROES: force unit access, what was asked is on the medium when the request completes. */
    public static final int FUA = 1;
    /** Flag of a WRITE_ZEROES: the blocks may be given back, as long as they read as zeroes. */
    public static final int MAY_UNMAP = 2;

    private static final ScatterList NO_DATA = new ScatterList(0);

    // What the module may keep with the request while it has it.
    /** Free for the module's use while the request is its own. */
    public int moduleInt;
    /** Free for the module's use while the request is its own. */
    public long moduleLong;
    /** Free for the module's use while the request is its own. */
    public @Nullable Object moduleObject;

    /**
     * How long the request has waited for its turn under the device's limits, in ns: summed until whoever reads it sets it
     * to 0. Not touched while the device has no limits.
     */
    public long qosWaitNs;

    final IoOwner owner;

    @Nullable
    BdevChannel channel;
    /** The next request in a queue of the block layer. */
    @Nullable
    BdevIo next;
    /** Whether this is a part of a larger request that the block layer split. */
    final boolean part;

    long submittedNs;
    boolean inFlight;

    private final IoTimes times = new IoTimes();

    private IoType type = IoType.READ;
    private int flags;
    private long lba;
    private long blocks;
    /** First block that a COPY reads. */
    private long source;

    private ScatterList data = NO_DATA;

    /** Makes a request whose ends are told to {@code owner}. */
    public BdevIo(IoOwner owner) {
        this(owner, false);
    }

    BdevIo(IoOwner owner, boolean part) {
        this.owner = owner;
        this.part = part;
    }

    /**
     * Makes a request that a channel submits to the channel below it instead of one that it was given; see {@link
     * #submitFor}.
     */
    public static BdevIo standIn(IoOwner owner) {
        return new BdevIo(owner, true);
    }

    /**
     * Says what the request asks; not while it is in flight.
     *
     * @param lba first block, for the types that have a range
     * @param blocks number of blocks; at least 1 for the types that have a range
     * @param data for READ, WRITE and COMPARE exactly {@code blocks} blocks of memory; stays the caller's, untouched until the end
     * @param flags {@link #FUA}, {@link #MAY_UNMAP}, or 0
     */
    public void prepare(IoType type, long lba, long blocks, ScatterList data, int flags) {
        this.type = type;
        this.lba = lba;
        this.blocks = blocks;
        this.data = data;
        this.flags = flags;
    }

    /** Says what a request without data asks; not while it is in flight. */
    public void prepare(IoType type, long lba, long blocks) {
        prepare(type, lba, blocks, NO_DATA, 0);
    }

    /**
     * Says that blocks are to be copied; not while the request is in flight.
     *
     * @param from first block that is read
     * @param to first block that is written; the ranges must not overlap
     * @param count number of blocks, at least 1
     */
    public void prepareCopy(long from, long to, long count) {
        prepare(IoType.COPY, to, count);
        source = from;
    }

    /**
     * Says that what another request asks is asked, further on; not while this one is in flight.
     *
     * @param shift added to the first block, and to that of the source of a COPY
     */
    public void prepareLike(BdevIo other, long shift) {
        prepare(other.type, other.lba + shift, other.blocks, other.data, other.flags);
        source = other.source + shift;
    }

    /** What is asked. */
    public IoType type() {
        return type;
    }

    /** First block. */
    public long lba() {
        return lba;
    }

    /** First block that a COPY reads; nothing of other types. */
    public long source() {
        return source;
    }

    /** Number of blocks. */
    public long blocks() {
        return blocks;
    }

    /** Where the data is. */
    public ScatterList data() {
        return data;
    }

    /** Whether {@link #FUA} is asked. */
    public boolean fua() {
        return (flags & FUA) != 0;
    }

    /** Whether {@link #MAY_UNMAP} is allowed. */
    public boolean mayUnmap() {
        return (flags & MAY_UNMAP) != 0;
    }

    /** Whether the request was submitted and has not ended. */
    public boolean inFlight() {
        return inFlight;
    }

    /** When it was where, while its channel is timed. */
    public IoTimes times() {
        return times;
    }

    /** Submits it again, as it was when a layer took it. */
    void requeue() {
        BdevChannel from = channel;
        if (from == null) {
            throw new IllegalStateException("a request was held that is not in flight");
        }
        from.requeue(this);
    }

    /** All flags, for a request that is passed on. */
    public int flags() {
        return flags;
    }

    /**
     * Has the request end early, with {@link IoStatus#ABORTED}, if that is possible; it may end inside the call, or end as if
     * nothing had been said. Nothing happens if it is not in flight. Of a request that modifies, a part may have been done.
     */
    public void abort() {
        BdevChannel from = channel;
        if (from != null && inFlight) {
            from.abort(this);
        }
    }

    /**
     * Submits a {@linkplain #standIn stand-in}, whose owner is told of its end, for a request that the caller has taken.
     *
     * @return as {@link IoChannel#submit}
     */
    public boolean submitFor(BdevIo request, IoChannel below) {
        channel = request.channel;
        inFlight = true;
        boolean taken = false;
        try {
            taken = below.submit(this);
        } finally {
            if (!taken) {
                inFlight = false;
            }
        }
        return taken;
    }

    /** How many requests the user who submitted this one has in flight on its channel, with this one. */
    public int depth() {
        BdevChannel from = channel;
        return from == null ? 0 : from.outstanding();
    }

    /**
     * Submits a request that a layer has held to the channel below. If a device's registers are found gone on the way, it ends.
     *
     * @return as {@link IoChannel#submit}
     */
    public boolean submitHeld(IoChannel below) {
        try {
            return below.submit(this);
        } catch (InternalError e) {
            if (inFlight) {
                complete(-Errno.EIO);
            }
            return true;
        }
    }

    /**
     * Ends the request; called by the module, exactly once for each {@link IoChannel#submit} that took it, on the reactor
     * of the channel.
     *
     * @param status {@link IoStatus#OK} or a negative errno
     * @throws IllegalStateException if the request is not in flight: a defect of the module
     */
    public void complete(int status) {
        BdevChannel from = channel;
        if (from == null || !inFlight) {
            throw new IllegalStateException("a request was completed that is not in flight");
        }
        from.completed(this, status);
    }
}
