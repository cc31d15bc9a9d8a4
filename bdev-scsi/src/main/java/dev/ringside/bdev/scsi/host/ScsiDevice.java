package dev.ringside.bdev.scsi.host;

/**
 * A logical unit of a target, to which commands are addressed. The mid-layer makes it.
 *
 * @param lun its address in eight bytes, the first in the highest bits (SAM-6, 4.7)
 */
public record ScsiDevice(ScsiTarget target, long lun) {

    /** Where it is. */
    public ScsiAddress address() {
        return new ScsiAddress(target.bus(), target.id(), lun);
    }
}
