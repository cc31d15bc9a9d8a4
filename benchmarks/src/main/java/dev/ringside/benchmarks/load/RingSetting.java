package dev.ringside.benchmarks.load;

/**
 * How the queues of a load are driven.
 *
 * @param format of the rings
 * @param entries of each ring
 * @param indirect whether requests lie in tables
 * @param eventIdx whether event indices are negotiated
 * @param calls whether the back end calls for completions; otherwise the client polls
 * @param kicks whether the client wakes the back end; otherwise that polls
 */
public record RingSetting(
        String format, int entries, boolean indirect, boolean eventIdx, boolean calls, boolean kicks) {}
