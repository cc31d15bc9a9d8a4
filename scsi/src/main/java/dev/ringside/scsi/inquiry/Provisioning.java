package dev.ringside.scsi.inquiry;

import dev.ringside.scsi.BigEndian;
import java.util.Arrays;

/**
 * The Logical Block Provisioning VPD page, B2h (SBC-4, 6.6.9).
 *
 * @param unmap whether there is UNMAP (LBPU)
 * @param writeSame16 whether WRITE SAME (16) can unmap (LBPWS)
 * @param writeSame10 whether WRITE SAME (10) can (LBPWS10)
 * @param readsZeroes whether unmapped blocks read as zeroes (LBPRZ)
 * @param anchors whether blocks can be anchored (ANC_SUP)
 * @param type 0: not reported, or fully provisioned, 1: resource provisioned, 2: thin provisioned
 */
public record Provisioning(
        boolean unmap, boolean writeSame16, boolean writeSame10, boolean readsZeroes, boolean anchors, int type) {
    /** Type: thin provisioned. */
    public static final int THIN = 2;

    byte[] bytes() {
        byte[] data = new byte[8];
        BigEndian.put16(data, 2, 4);
        data[5] = (byte) ((unmap ? 0x80 : 0)
                | (writeSame16 ? 0x40 : 0)
                | (writeSame10 ? 0x20 : 0)
                | (readsZeroes ? 0x04 : 0)
                | (anchors ? 0x02 : 0));
        data[6] = (byte) type;
        return data;
    }

    /**
     * Reads the page.
     *
     * @param length how many of the bytes are valid; what is beyond reads as 0
     */
    public static Provisioning parse(byte[] page, int length) {
        byte[] data = Arrays.copyOf(Arrays.copyOf(page, Math.min(length, page.length)), 8);
        return new Provisioning(
                (data[5] & 0x80) != 0,
                (data[5] & 0x40) != 0,
                (data[5] & 0x20) != 0,
                (data[5] & 0x1c) != 0,
                (data[5] & 0x02) != 0,
                data[6] & 7);
    }
}
