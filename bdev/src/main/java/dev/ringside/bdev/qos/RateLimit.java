package dev.ringside.bdev.qos;

/**
 * A limit on a rate.
 *
 * @param perSecond units per second; 0: no limit
 * @param burst units that may be used at once after a time of rest; 0: those of {@link #DEFAULT_BURST_NS}. A request that
 *     needs more than the burst is done when the whole burst is there, and paid off afterwards
 */
public record RateLimit(long perSecond, long burst) {
    /** No limit. */
    public static final RateLimit NONE = new RateLimit(0, 0);

    /** Time without use that is made up for where nothing else is said: a reactor may look this late and lose nothing. */
    public static final long DEFAULT_BURST_NS = 10_000_000;

    private static final double NS_PER_SECOND = 1e9;

    /** Checks the ranges; {@link IllegalArgumentException}. */
    public RateLimit {
        if (perSecond < 0 || burst < 0) {
            throw new IllegalArgumentException(
                    "a limit of " + perSecond + " per second, burst " + burst + ": 0 or more is allowed");
        }
    }

    /** Whether there is no limit. */
    public boolean isNone() {
        return perSecond == 0;
    }

    /** What one unit takes, in ns. */
    double nsPerUnit() {
        return NS_PER_SECOND / perSecond;
    }

    /** What the burst takes, in ns, at least 1. */
    long burstNs() {
        return burst == 0 ? DEFAULT_BURST_NS : Math.max(1, (long) (burst * nsPerUnit()));
    }
}
