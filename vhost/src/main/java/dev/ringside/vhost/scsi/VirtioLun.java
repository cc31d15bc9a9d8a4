package dev.ringside.vhost.scsi;

import dev.ringside.scsi.LunAddress;

/**
 * Addresses in virtio SCSI requests (virtio 1.2, 5.6.6.1): 1, target, single level LUN in two bytes, four zeroes; or C1h, 1 and
 * six zeroes for the REPORT LUNS well known logical unit of the whole device. In 64 bits, the first byte on top. Allocates
 * nothing.
 */
public final class VirtioLun {
    /** The REPORT LUNS well known logical unit of the whole device. */
    static final long REPORT_LUNS = (long) LunAddress.REPORT_LUNS << 48;

    private VirtioLun() {}

    /** Whether it names a target. */
    static boolean isTarget(long address) {
        return address >>> 56 == 1 && (address & 0xffff_ffffL) == 0;
    }

    static int target(long address) {
        return (int) (address >>> 48) & 0xff;
    }

    /** Number of the logical unit in its target; -1: it is none that there can be. */
    static int lun(long address) {
        return LunAddress.number((int) (address >>> 32) & 0xffff);
    }

    /** Whether it is the REPORT LUNS well known logical unit of a target. */
    static boolean isWellKnown(long address) {
        return ((int) (address >>> 32) & 0xffff) == LunAddress.REPORT_LUNS;
    }

    /**
     * The address of a logical unit as events and lists tell it: with the number encoded as REPORT LUNS does, since that is
     * what Linux compares it with.
     */
    static long reported(int target, int lun) {
        return 1L << 56 | (long) target << 48 | (long) LunAddress.single(lun) << 32;
    }

    /**
     * The address of a logical unit, in flat space addressing, as drivers have it.
     *
     * @param target 0 to 255
     * @param lun 0 to 16383
     */
    public static long of(int target, int lun) {
        return 1L << 56 | (long) target << 48 | (0x4000L | lun) << 32;
    }
}
