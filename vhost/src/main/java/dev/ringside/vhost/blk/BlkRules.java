package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevInfo;

/**
 * What a queue holds its driver to: the device's limits, as far as they were negotiated.
 *
 * @param blockSize logical block in bytes
 * @param forceUnitAccess whether each write has to be through: for a driver that does not flush although the disk has a
 *     write cache
 * @param segMax most data segments of a request
 * @param sizeMax longest data segment, in bytes
 * @param discardSectors longest segment of a DISCARD
 * @param zeroesSectors longest segment of a WRITE_ZEROES
 * @param eraseSectors longest segment of a SECURE_ERASE
 */
record BlkRules(
        int blockSize,
        boolean forceUnitAccess,
        int segMax,
        long sizeMax,
        long discardSectors,
        long zeroesSectors,
        long eraseSectors) {

    /** More than any chain has. */
    private static final int ANY_NUMBER = 1 << 20;

    static BlkRules of(BdevInfo info, BlkLimits limits, long features) {
        return new BlkRules(
                info.blockSize(),
                info.writeCache() && (features & BlkLayout.FLUSH) == 0,
                (features & BlkLayout.SEG_MAX) != 0 ? limits.segMax() : ANY_NUMBER,
                (features & BlkLayout.SIZE_MAX) != 0 && limits.sizeMax() > 0 ? limits.sizeMax() : Long.MAX_VALUE,
                limits.discardSectors(),
                limits.zeroesSectors(),
                limits.eraseSectors());
    }

    /** The longest segment of a request of a type that has such segments, in sectors. */
    long rangeSectors(int type) {
        if (type == BlkLayout.T_DISCARD) {
            return discardSectors;
        }
        return type == BlkLayout.T_WRITE_ZEROES ? zeroesSectors : eraseSectors;
    }
}
