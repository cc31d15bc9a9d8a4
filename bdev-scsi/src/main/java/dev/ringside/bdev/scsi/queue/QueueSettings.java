package dev.ringside.bdev.scsi.queue;

/**
 * How a queue is used.
 *
 * @param depth commands of requests that it can hold, at least 1
 * @param timeoutNs after this time a command is overdue; twice the time for those that work on many blocks
 * @param retries how often a command is tried again that failed for a passing reason
 * @param patienceNs how long a command is tried that finds the device busy or not ready
 * @param maxSegments most extents of a command's data; what has more is copied
 * @param boundary no extent of a copy crosses a multiple of this; 0: none
 */
public record QueueSettings(int depth, long timeoutNs, int retries, long patienceNs, int maxSegments, long boundary) {}
