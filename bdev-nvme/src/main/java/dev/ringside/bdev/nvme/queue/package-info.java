/** Queues in memory that a controller shares: the admin queue, and a pair for the I/O of each reactor. */
package dev.ringside.bdev.nvme.queue;
