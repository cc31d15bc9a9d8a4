package dev.ringside.bdev;

/** {@link IoLimits} in the form that a comparison wants: no limit is the largest number. */
final class ChannelLimits {
    final long maxTransferBlocks;
    final int maxSegments;
    final long boundaryMask;
    final long maxUnmapBlocks;
    final long maxWriteZeroesBlocks;
    final long maxCopyBlocks;

    ChannelLimits(IoLimits limits) {
        maxTransferBlocks = orNone(limits.maxTransferBlocks());
        maxSegments = limits.maxSegments() == 0 ? Integer.MAX_VALUE : limits.maxSegments();
        boundaryMask = limits.boundaryBlocks() == 0 ? Long.MAX_VALUE : limits.boundaryBlocks() - 1;
        maxUnmapBlocks = orNone(limits.maxUnmapBlocks());
        maxWriteZeroesBlocks = orNone(limits.maxWriteZeroesBlocks());
        maxCopyBlocks = orNone(limits.maxCopyBlocks());
    }

    private static long orNone(long limit) {
        return limit == 0 ? Long.MAX_VALUE : limit;
    }

    /** Whether the device takes this request whole. */
    boolean fit(BdevIo io) {
        return switch (io.type()) {
            case READ, WRITE, COMPARE, VERIFY ->
                io.blocks() <= maxTransferBlocks
                        && io.data().count() <= maxSegments
                        && io.blocks() - 1 <= boundaryMask - (io.lba() & boundaryMask);
            case UNMAP -> io.blocks() <= maxUnmapBlocks;
            case WRITE_ZEROES, SECURE_ERASE -> io.blocks() <= maxWriteZeroesBlocks;
            case COPY -> io.blocks() <= maxCopyBlocks;
            case FLUSH, RESET -> true;
        };
    }
}
