package dev.ringside.bdev.malloc;

import java.util.UUID;

/**
 * What a RAM disk shall be.
 *
 * @param name of the bdev
 * @param uuid also an alias of the bdev
 * @param blockSize logical block in bytes: a power of two from 512 to 65,536
 * @param numBlocks capacity in logical blocks, at least 1
 * @param physicalBlockSize in bytes, a power of two of at least {@code blockSize}; 0: as {@code blockSize}
 * @param optimalIoBoundary reads and writes are split where they cross a multiple of this many blocks; a power of two, or
 *     0: none
 */
public record MallocOptions(
        String name, UUID uuid, int blockSize, long numBlocks, int physicalBlockSize, long optimalIoBoundary) {

    /** A RAM disk with a random UUID, physical blocks as large as the logical ones and no boundary. */
    public MallocOptions(String name, int blockSize, long numBlocks) {
        this(name, UUID.randomUUID(), blockSize, numBlocks, 0, 0);
    }
}
