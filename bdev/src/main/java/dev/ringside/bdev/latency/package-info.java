/**
 * How long things took: histograms that cost a few nanoseconds for each value and no allocation, so that the data plane can
 * fill them. Each belongs to one thread at a time.
 */
package dev.ringside.bdev.latency;
