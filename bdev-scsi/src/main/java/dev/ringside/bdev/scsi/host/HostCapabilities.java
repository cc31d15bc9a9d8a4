package dev.ringside.bdev.scsi.host;

/**
 * What an adapter takes. The mid-layer sends nothing beyond.
 *
 * @param queues how many {@link ScsiHostQueue}s there are, at least 1; reactors beyond share them
 * @param queueDepth commands that one queue can hold, at least 2, without requests of the driver's own; their tags are lower
 * @param maxTransferBytes longest data of a command, at least 65,536
 * @param maxSegments most extents of a command's data, at least 1. A list of so many extents is taken, if each meets what
 *     follows and the adapter reaches it
 * @param segmentAlignment address and length of each extent are multiples of this; a power of two, at least 1
 * @param segmentBoundary no extent crosses a multiple of this, at least 4096; a power of two, or 0: none. A driver may take
 *     what crosses it by splitting, and says {@link ScsiHostQueue#UNREACHABLE} if it has no room for that
 * @param maxCdbBytes longest CDB: 12 or 16
 */
public record HostCapabilities(
        int queues,
        int queueDepth,
        int maxTransferBytes,
        int maxSegments,
        int segmentAlignment,
        long segmentBoundary,
        int maxCdbBytes) {
    private static final int LEAST_TRANSFER = 65_536;
    private static final int LEAST_BOUNDARY = 4096;

    /** Checks the ranges. */
    public HostCapabilities {
        atLeast("queues", queues, 1);
        atLeast("queue depth", queueDepth, 2);
        atLeast("longest transfer", maxTransferBytes, LEAST_TRANSFER);
        atLeast("segments", maxSegments, 1);
        if (Integer.bitCount(segmentAlignment) != 1 || segmentAlignment < 1) {
            throw new IllegalArgumentException("alignment of " + segmentAlignment + ": a power of two is allowed");
        }
        if (segmentBoundary != 0 && (Long.bitCount(segmentBoundary) != 1 || segmentBoundary < LEAST_BOUNDARY)) {
            throw new IllegalArgumentException(
                    "boundary of " + segmentBoundary + ": a power of two of at least 4096, or 0, is allowed");
        }
        if (maxCdbBytes != 12 && maxCdbBytes != ScsiCommand.CDB_BYTES) {
            throw new IllegalArgumentException("CDBs of " + maxCdbBytes + " bytes: 12 or 16 is allowed");
        }
    }

    private static void atLeast(String what, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(what + " " + value + ": at least " + least + " is allowed");
        }
    }
}
