package dev.ringside.vhost.blk;

/**
 * What an operator says of the limits of a block device; 0 is always: as the disk has it. All in bytes, but for the first.
 *
 * @param segMax most data segments of a request: 1 to {@link BlkLimits#MOST_SEGMENTS}
 * @param sizeMax longest data segment: {@link BlkLimits#LEAST_SIZE} to {@link BlkLimits#MOST_BYTES}
 * @param optIoSize how long requests should be: up to {@link BlkLimits#MOST_BYTES}
 * @param discardGranularity the pieces in which the disk gives blocks back: up to {@link BlkLimits#MOST_BYTES}
 * @param maxDiscardSize longest segment of a DISCARD: up to {@link BlkLimits#MOST_RANGE_BYTES}
 * @param maxWriteZeroesSize longest segment of a WRITE_ZEROES: up to {@link BlkLimits#MOST_RANGE_BYTES}
 * @param maxSecureEraseSize longest segment of a SECURE_ERASE: up to {@link BlkLimits#MOST_RANGE_BYTES}
 */
public record BlkTuning(
        int segMax,
        long sizeMax,
        long optIoSize,
        long discardGranularity,
        long maxDiscardSize,
        long maxWriteZeroesSize,
        long maxSecureEraseSize) {

    /** Everything as the disk has it. */
    public static final BlkTuning NONE = new BlkTuning(0, 0, 0, 0, 0, 0, 0);
}
