package dev.ringside.bdev;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What a block device is; immutable, replaced by a new one when the device is resized.
 *
 * @param name unique in its registry, as are the aliases
 * @param productName the string that clients match on, for example {@code Malloc disk}
 * @param blockSize logical block in bytes: a power of two from 512 to 65,536
 * @param physicalBlockSize a power of two, at least {@code blockSize}
 * @param numBlocks capacity in logical blocks, at least 0
 * @param readOnly whether requests that modify are refused
 * @param writeCache whether a completed write may be lost by a power failure until a FLUSH
 * @param rotational whether seeks cost
 * @param supported the request types the device itself can do
 */
public record BdevInfo(
        String name,
        List<String> aliases,
        String productName,
        UUID uuid,
        int blockSize,
        int physicalBlockSize,
        long numBlocks,
        boolean readOnly,
        boolean writeCache,
        boolean rotational,
        Set<IoType> supported,
        IoLimits limits) {

    /** Checks the ranges; an impossible geometry is the module's fault and an {@link IllegalArgumentException}. */
    public BdevInfo {
        if (blockSize < 512 || blockSize > 65_536 || Integer.bitCount(blockSize) != 1) {
            throw new IllegalArgumentException(
                    "block size " + blockSize + ": a power of two from 512 to 65536 is allowed");
        }
        if (physicalBlockSize < blockSize || Integer.bitCount(physicalBlockSize) != 1) {
            throw new IllegalArgumentException("physical block size " + physicalBlockSize
                    + ": a power of two of at least " + blockSize + " is allowed");
        }
        if (numBlocks < 0 || numBlocks > Long.MAX_VALUE / blockSize) {
            throw new IllegalArgumentException("number of blocks " + numBlocks + ": 0 to " + Long.MAX_VALUE / blockSize
                    + " of " + blockSize + " bytes is allowed");
        }
        aliases = List.copyOf(aliases);
        supported = Set.copyOf(EnumSet.copyOf(supported));
    }

    /** Capacity in bytes. */
    public long bytes() {
        return numBlocks * blockSize;
    }

    /** The same device with another capacity in logical blocks. */
    public BdevInfo withNumBlocks(long blocks) {
        return new BdevInfo(
                name,
                aliases,
                productName,
                uuid,
                blockSize,
                physicalBlockSize,
                blocks,
                readOnly,
                writeCache,
                rotational,
                supported,
                limits);
    }
}
