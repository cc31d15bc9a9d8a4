package dev.ringside.bdev.fault;

import java.util.concurrent.atomic.AtomicLong;

/** A fault while it is given: its time, its dice, and how often it has hit. Any thread. */
public final class FaultRun {
    private final double probability;
    private final long count;
    private final boolean timed;
    private final long beginNs;
    private final long forNs;
    private final FaultRandom random;
    private final AtomicLong hits = new AtomicLong();
    private volatile boolean over;

    /**
     * Gives it.
     *
     * @param probability that it hits what it could, above 0 to 1
     * @param count how often it hits at most, at least 1; {@link Fault#ENDLESS}: without end
     * @param afterNs how long after now it begins, at least 0
     * @param forNs how long it lasts, at least 1; {@link Fault#ENDLESS}: without end
     * @param seed what happens at random is the same for the same seed and the same requests
     * @param nowNs the present time, in ns of {@link System#nanoTime}
     */
    public FaultRun(double probability, long count, long afterNs, long forNs, long seed, long nowNs) {
        this.probability = probability;
        this.count = count;
        this.timed = afterNs > 0 || forNs != Fault.ENDLESS;
        this.beginNs = nowNs + afterNs;
        this.forNs = forNs;
        this.random = new FaultRandom(seed);
    }

    /** Whether it is its time. */
    public boolean isNow(long nowNs) {
        if (!timed || over) {
            return !over;
        }
        long since = nowNs - beginNs;
        return since >= 0 && since < forNs;
    }

    /** Whether it hits what it could hit now; it counts then. */
    public boolean hits(long nowNs) {
        if (!isNow(nowNs) || hits.get() >= count || random.unit() >= probability) {
            return false;
        }
        return hits.getAndIncrement() < count;
    }

    /** A time out of a distribution, in ns. */
    public long draw(Latency latency) {
        return latency.at(random.unit());
    }

    /** How long until it begins or ends by itself, in ns; {@link Long#MAX_VALUE}: never. */
    public long nextChangeNs(long nowNs) {
        if (!timed || over) {
            return Long.MAX_VALUE;
        }
        long since = nowNs - beginNs;
        if (since < 0) {
            return -since;
        }
        return forNs != Fault.ENDLESS && since < forNs ? forNs - since : Long.MAX_VALUE;
    }

    /** How often it has hit. */
    public long hits() {
        return Math.min(hits.get(), count);
    }

    /** Ends it: what it holds goes on. */
    public void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }
}
