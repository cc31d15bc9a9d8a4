package dev.ringside.scsi.inquiry;

import dev.ringside.scsi.BigEndian;
import java.util.Arrays;

/**
 * The Block Limits VPD page, B0h (SBC-4, 6.6.4). Numbers are in blocks; 0 is no limit, or none reported, unless said
 * otherwise.
 *
 * @param writeSameNonZero whether WRITE SAME of 0 blocks is refused, rather than being up to the end of the medium
 * @param compareAndWrite longest COMPARE AND WRITE; 0: there is none
 * @param unmapBlocks longest UNMAP, all descriptors together; 0: there is none; 0xffffffff: no limit
 * @param unmapDescriptors most descriptors of an UNMAP; 0: there is none
 * @param unmapAlignmentValid whether the alignment is told
 */
public record BlockLimits(
        boolean writeSameNonZero,
        int compareAndWrite,
        int granularity,
        long maxTransfer,
        long optimalTransfer,
        long maxPrefetch,
        long unmapBlocks,
        long unmapDescriptors,
        long unmapGranularity,
        boolean unmapAlignmentValid,
        long unmapAlignment,
        long writeSame) {
    private static final int BYTES = 0x40;

    byte[] bytes() {
        byte[] data = new byte[BYTES];
        BigEndian.put16(data, 2, BYTES - 4);
        data[4] = (byte) (writeSameNonZero ? 1 : 0);
        data[5] = (byte) compareAndWrite;
        BigEndian.put16(data, 6, granularity);
        BigEndian.put32(data, 8, maxTransfer);
        BigEndian.put32(data, 12, optimalTransfer);
        BigEndian.put32(data, 16, maxPrefetch);
        BigEndian.put32(data, 20, unmapBlocks);
        BigEndian.put32(data, 24, unmapDescriptors);
        BigEndian.put32(data, 28, unmapGranularity);
        BigEndian.put32(data, 32, unmapAlignment);
        data[32] |= (byte) (unmapAlignmentValid ? 0x80 : 0);
        BigEndian.put64(data, 36, writeSame);
        return data;
    }

    /**
     * Reads the page.
     *
     * @param length how many of the bytes are valid; what is beyond reads as 0
     */
    public static BlockLimits parse(byte[] page, int length) {
        byte[] data = Arrays.copyOf(Arrays.copyOf(page, Math.min(length, page.length)), BYTES);
        return new BlockLimits(
                (data[4] & 1) != 0,
                BigEndian.u8(data, 5),
                BigEndian.u16(data, 6),
                BigEndian.u32(data, 8),
                BigEndian.u32(data, 12),
                BigEndian.u32(data, 16),
                BigEndian.u32(data, 20),
                BigEndian.u32(data, 24),
                BigEndian.u32(data, 28),
                (data[32] & 0x80) != 0,
                BigEndian.u32(data, 32) & 0x7fff_ffffL,
                BigEndian.u64(data, 36));
    }
}
