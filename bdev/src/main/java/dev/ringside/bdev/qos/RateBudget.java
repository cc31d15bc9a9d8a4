package dev.ringside.bdev.qos;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What is left of a rate, for all reactors that share it, without a lock: the generic cell rate algorithm (ITU-T I.371, virtual
 * scheduling). One number says when all that was paid for so far would be over at the rate; who pays gets the time at which
 * its turn is, and moves the number on. So the rate is kept whatever the number of reactors, and each is at most one request
 * of each channel ahead of it.
 */
final class RateBudget {
    private final double nsPerUnit;
    private final long burstNs;
    /** In ns of {@link System#nanoTime}. */
    private final AtomicLong paidUntilNs;

    RateBudget(RateLimit limit, long nowNs) {
        this.nsPerUnit = limit.nsPerUnit();
        this.burstNs = limit.burstNs();
        this.paidUntilNs = new AtomicLong(nowNs);
    }

    /** Pays for some units; returns when they may be used, which may be before now. */
    long pay(long units, long nowNs) {
        long cost = (long) (units * nsPerUnit);
        while (true) {
            long paid = paidUntilNs.get();
            // Rest is not saved up beyond the burst.
            long start = paid - nowNs > 0 ? paid : nowNs;
            if (paidUntilNs.compareAndSet(paid, start + cost)) {
                // The units themselves have to be there, or the whole burst if they are more.
                return start - Math.max(0, burstNs - cost);
            }
        }
    }
}
