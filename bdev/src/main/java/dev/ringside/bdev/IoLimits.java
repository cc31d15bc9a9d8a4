package dev.ringside.bdev;

/**
 * What one request to a device's own channel may be. The block layer splits what is larger; a module never sees it.
 *
 * @param maxTransferBlocks longest READ, WRITE, COMPARE or VERIFY, in blocks; 0: no limit
 * @param maxSegments longest scatter list of a READ, WRITE or COMPARE; 0: no limit
 * @param boundaryBlocks one of these that crosses a multiple of this is split there; a power of two, or 0: none
 * @param maxUnmapBlocks longest UNMAP, in blocks; 0: no limit
 * @param maxWriteZeroesBlocks longest WRITE_ZEROES or SECURE_ERASE, in blocks; 0: no limit
 * @param maxCopyBlocks longest COPY, in blocks; 0: no limit
 */
public record IoLimits(
        long maxTransferBlocks,
        int maxSegments,
        long boundaryBlocks,
        long maxUnmapBlocks,
        long maxWriteZeroesBlocks,
        long maxCopyBlocks) {

    /** No limit at all. */
    public static final IoLimits NONE = new IoLimits(0, 0, 0, 0, 0);

    /** Checks the ranges. */
    public IoLimits {
        if (maxTransferBlocks < 0
                || maxSegments < 0
                || boundaryBlocks < 0
                || maxUnmapBlocks < 0
                || maxWriteZeroesBlocks < 0
                || maxCopyBlocks < 0) {
            throw new IllegalArgumentException("a limit is negative; 0 (none) or more is allowed");
        }
        if (Long.bitCount(boundaryBlocks) > 1) {
            throw new IllegalArgumentException(
                    "boundary of " + boundaryBlocks + " blocks: a power of two or 0 is allowed");
        }
    }

    /** Limits of a device that copies in any length, or not at all. */
    public IoLimits(
            long maxTransferBlocks,
            int maxSegments,
            long boundaryBlocks,
            long maxUnmapBlocks,
            long maxWriteZeroesBlocks) {
        this(maxTransferBlocks, maxSegments, boundaryBlocks, maxUnmapBlocks, maxWriteZeroesBlocks, 0);
    }
}
