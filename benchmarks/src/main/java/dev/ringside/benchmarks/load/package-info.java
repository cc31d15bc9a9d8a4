/** Requests in a pattern, kept in flight by one pinned thread a queue, timed and checked. */
package dev.ringside.benchmarks.load;
