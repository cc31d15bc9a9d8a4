package dev.ringside.vhost.scsi.unit;

/** What happens to a logical unit that its targets have to tell their initiators. */
public enum UnitEvent {
    /** Its capacity has changed. */
    RESIZED,
    /** Its bdev is going away. */
    REMOVED
}
