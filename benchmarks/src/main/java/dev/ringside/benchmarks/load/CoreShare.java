package dev.ringside.benchmarks.load;

import org.HdrHistogram.Histogram;

/**
 * What one of the load's threads has done in the measured time.
 *
 * @param core on which it ran
 * @param requests that were completed
 * @param iops requests a second, the rates of its queues added up
 * @param latency of each request, in ns
 * @param cpuSeconds its processor time
 */
public record CoreShare(int core, long requests, double iops, Histogram latency, double cpuSeconds) {}
