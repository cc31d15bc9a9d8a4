package dev.ringside.bdev.nvme.spec;

import static dev.ringside.bdev.nvme.spec.Fields.u16;
import static dev.ringside.bdev.nvme.spec.Fields.u32;
import static dev.ringside.bdev.nvme.spec.Fields.u64;
import static dev.ringside.bdev.nvme.spec.Fields.u8;

import java.lang.foreign.MemorySegment;

/**
 * What a namespace is (NVM 1.0, 4.1.5.1); the fields that are used.
 *
 * @param nsze size in blocks; 0: there is no such namespace
 * @param ncap blocks that can be allocated at once
 * @param nuse blocks that are
 * @param dps bits 2:0: type of the protection information in use, 0: none
 * @param noiob a transfer that crosses a multiple of this many blocks is slower; 0: not said
 * @param mssrl longest source range of a Copy, in blocks; 0: there is no Copy
 * @param mcl most blocks of a Copy; 0: there is no Copy
 * @param nsattr bit 0: write protected
 * @param nguidHigh first half of the NGUID; 0, as the other half: none
 * @param nguidLow second half of the NGUID
 * @param eui64 big-endian; 0: none
 * @param metadataBytes of each block, in the format in use
 * @param blockShift binary logarithm of the bytes of a block, in the format in use
 */
public record IdentifyNamespace(
        long nsze,
        long ncap,
        long nuse,
        int dps,
        int noiob,
        int mssrl,
        long mcl,
        int nsattr,
        long nguidHigh,
        long nguidLow,
        long eui64,
        int metadataBytes,
        int blockShift) {

    /** Bytes of the data structure. */
    public static final int SIZE = 4096;

    /** Where the formats are, 4 bytes each. */
    public static final int LBAF = 128;

    private static final int LBAFS = 16;

    /** Number of the first format without metadata whose blocks are that long, in bytes; -1: there is none. */
    public static int formatOf(MemorySegment data, int blockSize) {
        for (int format = 0; format <= Math.min(u8(data, 25), LBAFS - 1); format++) {
            int lbaf = LBAF + 4 * format;
            if (u16(data, lbaf) == 0 && 1L << u8(data, lbaf + 2) == blockSize) {
                return format;
            }
        }
        return -1;
    }

    /** Reads the data structure. */
    public static IdentifyNamespace read(MemorySegment data) {
        int flbas = u8(data, 26);
        // Bits 6:5 are the upper ones of the number, where there are more than 16 formats.
        int format = (flbas & 0xf) | (u8(data, 25) > 16 ? (flbas >>> 1) & 0x30 : 0);
        int lbaf = LBAF + 4 * format;
        return new IdentifyNamespace(
                u64(data, 0),
                u64(data, 8),
                u64(data, 16),
                u8(data, 29),
                u16(data, 46),
                u16(data, 74),
                Integer.toUnsignedLong(u32(data, 76)),
                u8(data, 99),
                Long.reverseBytes(u64(data, 104)),
                Long.reverseBytes(u64(data, 112)),
                Long.reverseBytes(u64(data, 120)),
                u16(data, lbaf),
                u8(data, lbaf + 2));
    }
}
