package dev.ringside.bdev.fault;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoType;

/** A fault that a device has. Any thread; {@link #hits} on the reactor of the request. */
public final class LiveFault {
    private static final long NONE = -1;

    private final Fault fault;
    private final int types;
    /** The byte of a request's data that the fault is about; {@link #NONE} if it is about none. */
    private final long offset;

    private final FaultRun run;

    /**
     * Gives it.
     *
     * @param seed what happens at random is the same for the same seed and the same requests
     * @param nowNs the present time, in ns of {@link System#nanoTime}
     */
    public LiveFault(Fault fault, long seed, long nowNs) {
        this.fault = fault;
        this.run = new FaultRun(fault.probability(), fault.count(), fault.afterNs(), fault.forNs(), seed, nowNs);
        int bits = 0;
        for (IoType type : fault.types()) {
            bits |= 1 << type.ordinal();
        }
        this.types = bits;
        this.offset = fault.action() instanceof FaultAction.Corrupt corrupt ? corrupt.offset() : NONE;
    }

    /** What it is. */
    public Fault fault() {
        return fault;
    }

    /** How it goes. */
    public FaultRun run() {
        return run;
    }

    /** Whether it hits this request; it counts then. */
    boolean hits(BdevIo io, long nowNs) {
        IoType type = io.type();
        if ((types & 1 << type.ordinal()) == 0 || io.depth() <= fault.queueDepth()) {
            return false;
        }
        if (type.hasRange()
                && !touches(io.lba(), io.blocks())
                && !(type == IoType.COPY && touches(io.source(), io.blocks()))) {
            return false;
        }
        if (offset != NONE && (!type.movesData() || offset >= io.data().bytes())) {
            return false;
        }
        return run.hits(nowNs);
    }

    private boolean touches(long lba, long blocks) {
        return lba <= fault.lastBlock() && lba + blocks > fault.firstBlock();
    }
}
