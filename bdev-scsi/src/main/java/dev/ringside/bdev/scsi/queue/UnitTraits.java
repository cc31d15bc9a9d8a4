package dev.ringside.bdev.scsi.queue;

/**
 * What a disk can do, as the making of commands has to know it.
 *
 * @param blockSize bytes of a logical block
 * @param writeCache whether it has a volatile write cache that is on
 * @param fua whether it takes FUA
 * @param unmap whether it has UNMAP
 * @param sameUnmaps whether WRITE SAME (16) with the UNMAP bit gives blocks back, which read as zeroes then
 * @param writeSame whether it has WRITE SAME (16)
 * @param queueDepth most commands at a time, at least 1
 */
public record UnitTraits(
        int blockSize,
        boolean writeCache,
        boolean fua,
        boolean unmap,
        boolean sameUnmaps,
        boolean writeSame,
        int queueDepth) {}
