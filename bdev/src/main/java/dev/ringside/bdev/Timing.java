package dev.ringside.bdev;

/**
 * How the requests of a device are timed.
 *
 * @param slowNs guests' requests that take longer are told of one by one, in ns; 0: none are
 */
public record Timing(long slowNs) {

    /** Checks the limit. */
    public Timing {
        if (slowNs < 0) {
            throw new IllegalArgumentException("limit " + slowNs + " ns: at least 0 is allowed");
        }
    }
}
