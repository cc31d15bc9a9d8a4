package dev.ringside.bdev;

/** Which counters of a device are set to 0. */
public enum StatsReset {
    /** All of them. */
    ALL,
    /** The shortest and the longest latency of each type. */
    EXTREMES,
    /** The requests that failed. */
    ERRORS
}
