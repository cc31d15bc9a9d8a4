package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoLimits;
import dev.ringside.env.linux.Errno;

/**
 * The limits that stand in a block device's config space, and that its queues keep.
 *
 * @param segMax most data segments of a request
 * @param sizeMax longest data segment, in bytes; 0: no limit
 * @param optIoBlocks how long requests should be, in logical blocks; 0: not said
 * @param discardAlignment the pieces in which the disk gives blocks back, in sectors
 * @param discardSectors longest segment of a DISCARD, in sectors
 * @param zeroesSectors longest segment of a WRITE_ZEROES, in sectors
 * @param eraseSectors longest segment of a SECURE_ERASE, in sectors
 */
public record BlkLimits(
        int segMax,
        long sizeMax,
        long optIoBlocks,
        long discardAlignment,
        long discardSectors,
        long zeroesSectors,
        long eraseSectors) {

    /** Most segments of one DISCARD, WRITE_ZEROES or SECURE_ERASE. */
    public static final int MAX_RANGES = 32;
    /** Most data segments that a request may be allowed: with header and status, the longest indirect table. */
    public static final int MOST_SEGMENTS = 1022;
    /** Least size of a segment that may be the largest: Linux wants a page to fit. */
    public static final long LEAST_SIZE = 4096;
    /** Most bytes of a segment, of an optimal request and of a discard granularity. */
    public static final long MOST_BYTES = 1L << 30;
    /** Most bytes of a segment of DISCARD, WRITE_ZEROES or SECURE_ERASE. */
    public static final long MOST_RANGE_BYTES = 1L << 40;

    /** With header and status, a chain of 128. */
    private static final int USUAL_SEGMENTS = 126;
    /** A multiple of every block size. */
    private static final long USUAL_RANGE_BYTES = 2L << 30;

    /**
     * What holds for a disk.
     *
     * @throws BdevException EINVAL if what the operator says is out of its range, or does not fit the disk's blocks
     */
    static BlkLimits of(BdevInfo info, BlkTuning tuning) throws BdevException {
        long block = info.blockSize();
        IoLimits disk = info.limits();
        if (tuning.segMax() < 0 || tuning.segMax() > MOST_SEGMENTS) {
            throw new BdevException(
                    Errno.EINVAL, "seg_max " + tuning.segMax() + ": 1 to " + MOST_SEGMENTS + " is allowed");
        }
        long leastSize = Math.max(block, LEAST_SIZE);
        long size = chosen("size_max", tuning.sizeMax(), block, leastSize, MOST_BYTES);
        long diskSize = Math.min(disk.maxTransferBlocks(), MOST_BYTES / block) * block;
        long optimal = chosen("opt_io_size", tuning.optIoSize(), block, block, MOST_BYTES) / block;
        long granularity = chosen("discard_granularity", tuning.discardGranularity(), block, block, MOST_BYTES);
        long discard = range("max_discard_size", tuning.maxDiscardSize(), block, disk.maxUnmapBlocks());
        long alignment = granularity > 0 ? granularity : info.physicalBlockSize();
        if (tuning.maxDiscardSize() > 0 && discard < alignment) {
            throw new BdevException(
                    Errno.EINVAL,
                    "max_discard_size " + discard + ": at least the discard granularity, " + alignment
                            + ", is allowed");
        }
        return new BlkLimits(
                tuning.segMax() > 0 ? tuning.segMax() : USUAL_SEGMENTS,
                size > 0 ? size : diskSize >= leastSize ? diskSize : 0,
                optimal > 0 ? optimal : disk.boundaryBlocks(),
                alignment / BlkLayout.SECTOR,
                discard / BlkLayout.SECTOR,
                range("max_write_zeroes_size", tuning.maxWriteZeroesSize(), block, disk.maxWriteZeroesBlocks())
                        / BlkLayout.SECTOR,
                range("max_secure_erase_size", tuning.maxSecureEraseSize(), block, disk.maxWriteZeroesBlocks())
                        / BlkLayout.SECTOR);
    }

    /** The longest range in bytes: the operator's word, or the disk's. */
    private static long range(String name, long wanted, long block, long diskBlocks) throws BdevException {
        if (chosen(name, wanted, block, block, MOST_RANGE_BYTES) > 0) {
            return wanted;
        }
        long usual = USUAL_RANGE_BYTES / block;
        return (diskBlocks == 0 ? usual : Math.min(diskBlocks, usual)) * block;
    }

    private static long chosen(String name, long wanted, long block, long least, long most) throws BdevException {
        if (wanted != 0 && (wanted < least || wanted > most || wanted % block != 0)) {
            throw new BdevException(
                    Errno.EINVAL,
                    String.format(
                            "%s %d: a multiple of the disk's blocks of %d bytes from %d to %d is allowed",
                            name, wanted, block, least, most));
        }
        return wanted;
    }
}
