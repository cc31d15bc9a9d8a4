/** The data plane of the mid-layer: requests to disks become commands in the queue of a host, and back. */
package dev.ringside.bdev.scsi.queue;
