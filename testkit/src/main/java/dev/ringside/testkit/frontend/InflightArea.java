package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.Fd;

/**
 * The region in which a back end tracks what is in flight, as the messages describe it.
 *
 * @param bytes size of the area
 * @param offset of the area in its file
 * @param fd the file; whoever holds the record closes it
 */
public record InflightArea(long bytes, long offset, int queues, int queueSize, Fd fd) {}
