package dev.ringside.bdev.scsi.host;

/**
 * Where a logical unit is, behind a host.
 *
 * @param bus number of the host's bus
 * @param target number on the bus
 * @param lun its eight bytes, the first in the highest bits (SAM-6, 4.7)
 */
public record ScsiAddress(int bus, int target, long lun) {

    /** The number of a logical unit of the first level; other addresses are printed in hexadecimal digits. */
    @Override
    public String toString() {
        boolean simple = (lun & 0xff00_ffff_ffff_ffffL) == 0;
        return bus + ":" + target + ":" + (simple ? Long.toString(lun >>> 48) : String.format("%016x", lun));
    }
}
