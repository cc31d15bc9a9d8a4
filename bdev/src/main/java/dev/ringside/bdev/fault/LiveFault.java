package dev.ringside.bdev.fault;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoType;
import java.util.concurrent.atomic.AtomicLong;

/** A fault that a device has, with how often it has hit. Any thread; {@link #hits} on the reactor of the request. */
public final class LiveFault {
    private final Fault fault;
    private final int types;
    private final long beginNs;
    private final FaultRandom random;
    private final AtomicLong hits = new AtomicLong();
    private volatile boolean over;

    /**
     * Gives it.
     *
     * @param seed what happens at random is the same for the same seed and the same requests
     * @param nowNs the present time, in ns of {@link System#nanoTime}
     */
    public LiveFault(Fault fault, long seed, long nowNs) {
        this.fault = fault;
        this.random = new FaultRandom(seed);
        this.beginNs = nowNs + fault.afterNs();
        int bits = 0;
        for (IoType type : fault.types()) {
            bits |= 1 << type.ordinal();
        }
        this.types = bits;
    }

    /** What it is. */
    public Fault fault() {
        return fault;
    }

    /** How many requests it has hit. */
    public long hits() {
        return Math.min(hits.get(), fault.count());
    }

    /** Ends it: what it holds goes on. */
    public void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    /** Whether it hits this request; it counts then. */
    boolean hits(BdevIo io, long nowNs) {
        IoType type = io.type();
        if (over || (types & 1 << type.ordinal()) == 0 || io.depth() <= fault.queueDepth() || !isNow(nowNs)) {
            return false;
        }
        if (type.hasRange() && (io.lba() > fault.lastBlock() || io.lba() + io.blocks() <= fault.firstBlock())) {
            return false;
        }
        if (hits.get() >= fault.count() || random.unit() >= fault.probability()) {
            return false;
        }
        return hits.getAndIncrement() < fault.count();
    }

    /** How long it holds the next request. */
    long delayNs(Latency latency) {
        return latency.at(random.unit());
    }

    private boolean isNow(long nowNs) {
        if (fault.afterNs() == 0 && fault.forNs() == Fault.ENDLESS) {
            return true;
        }
        long since = nowNs - beginNs;
        return since >= 0 && since < fault.forNs();
    }
}
