/**
 * A SCSI disk over a bdev, as all initiators of the daemon share it: identity, mode parameters, unit attentions, reservations,
 * and every command that moves no blocks. Knows nothing of virtio. Control plane, but for what a reactor reads of a
 * {@link dev.ringside.vhost.scsi.unit.Nexus}.
 */
package dev.ringside.vhost.scsi.unit;
