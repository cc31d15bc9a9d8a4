package dev.ringside.benchmarks.load;

import dev.ringside.vhost.queue.RingFormat;

/**
 * How the virtqueues of a load are driven.
 *
 * @param disk which one is behind them
 * @param format of the rings
 * @param entries of each ring
 * @param indirect whether requests lie in tables
 * @param eventIdx whether event indices are negotiated
 * @param calls whether the back end calls for completions; otherwise the client polls
 * @param kicks whether the client wakes the back end; otherwise that polls
 * @param tracked whether the back end keeps account of what is in flight in a region of the client's
 */
public record RingSetting(
        DiskAddress disk,
        RingFormat format,
        int entries,
        boolean indirect,
        boolean eventIdx,
        boolean calls,
        boolean kicks,
        boolean tracked)
        implements LoadSetting {}
