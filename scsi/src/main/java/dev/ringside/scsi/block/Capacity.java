package dev.ringside.scsi.block;

import dev.ringside.scsi.BigEndian;
import java.util.Optional;

/**
 * Capacity and block sizes of a disk, as READ CAPACITY tells them (SBC-4, 5.20.2 and 5.21.2).
 *
 * @param numBlocks at least 1
 * @param blockSize in bytes
 * @param physicalExponent logical blocks of a physical one, as an exponent of 2, from 0 to 15
 * @param provisioned whether blocks can be unmapped (LBPME)
 * @param readsZeroes whether unmapped blocks read as zeroes (LBPRZ)
 */
public record Capacity(long numBlocks, int blockSize, int physicalExponent, boolean provisioned, boolean readsZeroes) {
    /** Bytes of the answer to READ CAPACITY (16). */
    public static final int LONG_BYTES = 32;

    private static final long MAX_SHORT = 0xffff_ffffL;

    /** The answer to READ CAPACITY (10): a last block beyond 32 bits is all ones. */
    public byte[] shortBytes() {
        byte[] data = new byte[8];
        BigEndian.put32(data, 0, Math.min(numBlocks - 1, MAX_SHORT));
        BigEndian.put32(data, 4, blockSize);
        return data;
    }

    /** The answer to READ CAPACITY (16). */
    public byte[] longBytes() {
        byte[] data = new byte[LONG_BYTES];
        BigEndian.put64(data, 0, numBlocks - 1);
        BigEndian.put32(data, 8, blockSize);
        data[13] = (byte) physicalExponent;
        data[14] = (byte) ((provisioned ? 0x80 : 0) | (readsZeroes ? 0x40 : 0));
        return data;
    }

    /**
     * Reads the answer to READ CAPACITY (10), of which {@code length} bytes are valid.
     *
     * @return empty if it is cut short, or the capacity does not fit into it
     */
    public static Optional<Capacity> parseShort(byte[] data, int length) {
        if (length < 8 || BigEndian.u32(data, 0) == MAX_SHORT) {
            return Optional.empty();
        }
        return Optional.of(new Capacity(BigEndian.u32(data, 0) + 1, (int) BigEndian.u32(data, 4), 0, false, false));
    }

    /** Reads the answer to READ CAPACITY (16), of which {@code length} bytes are valid; empty if it is cut short. */
    public static Optional<Capacity> parseLong(byte[] data, int length) {
        if (length < 12) {
            return Optional.empty();
        }
        boolean whole = length >= 16;
        return Optional.of(new Capacity(
                BigEndian.u64(data, 0) + 1,
                (int) BigEndian.u32(data, 8),
                whole ? data[13] & 0xf : 0,
                whole && (data[14] & 0x80) != 0,
                whole && (data[14] & 0x40) != 0));
    }
}
