/** The virtio SCSI host device (virtio 1.2, 5.6): its queues, and the block commands of its disks. */
package dev.ringside.vhost.scsi;
