/**
 * The SCSI mid-layer: a {@link dev.ringside.bdev.scsi.ScsiHost} looks after an adapter and finds the {@link
 * dev.ringside.bdev.scsi.ScsiDisk}s behind it, and ranges of those are {@link dev.ringside.bdev.scsi.ScsiBdev}s.
 */
package dev.ringside.bdev.scsi;
