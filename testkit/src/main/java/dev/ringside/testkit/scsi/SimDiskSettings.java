package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.ScsiTarget.Transport;

/**
 * What a simulated disk is.
 *
 * @param serial also what its NAA name is made of
 * @param blockSize 512 to 65,536
 * @param writeCache whether it has one, which is on
 * @param fua whether it takes FUA
 * @param thin whether it has UNMAP and WRITE SAME, and is no turning disk
 * @param queueDepth more commands at a time are answered with TASK SET FULL
 */
public record SimDiskSettings(
        String serial,
        int blockSize,
        long numBlocks,
        Transport transport,
        boolean writeCache,
        boolean fua,
        boolean thin,
        int queueDepth) {

    /** A SAS SSD with a write cache. */
    public static SimDiskSettings ssd(String serial, int blockSize, long bytes) {
        return new SimDiskSettings(serial, blockSize, bytes / blockSize, Transport.SAS, true, true, true, 32);
    }

    /** A SATA disk that turns, has no FUA, and cannot unmap. */
    public static SimDiskSettings hdd(String serial, int blockSize, long bytes) {
        return new SimDiskSettings(serial, blockSize, bytes / blockSize, Transport.SATA, true, false, false, 32);
    }

    /** The same with another queue. */
    public SimDiskSettings withQueueDepth(int depth) {
        return new SimDiskSettings(serial, blockSize, numBlocks, transport, writeCache, fua, thin, depth);
    }
}
