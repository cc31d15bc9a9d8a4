package dev.ringside.bdev.file;

import dev.ringside.env.linux.LinuxFile;

/** An open file as its channels see it, on all reactors. */
final class OpenFile {
    private final LinuxFile file;
    private final int fd;
    private final boolean direct;
    private final long memoryMask;
    private final long lengthMask;
    private final int blockShift;
    private volatile boolean canPunch = true;
    private volatile boolean canZeroRange = true;

    /**
     * Describes an open file.
     *
     * @param memoryAlignment of each extent's address; a power of two, 1 if any will do
     * @param lengthAlignment of each extent's length and of the position in the file; a power of two, 1 if any will do
     */
    OpenFile(LinuxFile file, boolean direct, int memoryAlignment, int lengthAlignment, int blockSize) {
        this.file = file;
        this.fd = file.fd().number();
        this.direct = direct;
        this.memoryMask = memoryAlignment - 1L;
        this.lengthMask = lengthAlignment - 1L;
        this.blockShift = Integer.numberOfTrailingZeros(blockSize);
    }

    LinuxFile file() {
        return file;
    }

    int fd() {
        return fd;
    }

    /** Whether the page cache is passed by. */
    boolean direct() {
        return direct;
    }

    /** Whether the file takes an extent as it is. */
    boolean takes(long address, long length) {
        return (address & memoryMask) == 0 && (length & lengthMask) == 0;
    }

    /** The largest place up to {@code done} that a transfer may go on at. */
    long resumeAt(long done) {
        return done & ~lengthMask;
    }

    int blockSize() {
        return 1 << blockShift;
    }

    long bytes(long blocks) {
        return blocks << blockShift;
    }

    /**
     * The best way to zero of those that have not failed.
     *
     * @param mayUnmap whether the blocks may be given back
     */
    Zeroing zeroing(boolean mayUnmap) {
        if (mayUnmap && canPunch) {
            return Zeroing.PUNCH_HOLE;
        }
        return canZeroRange ? Zeroing.ZERO_RANGE : Zeroing.WRITE;
    }

    /** Remembers that a way to zero is not supported. */
    void cannot(Zeroing way) {
        switch (way) {
            case PUNCH_HOLE -> canPunch = false;
            case ZERO_RANGE -> canZeroRange = false;
            case WRITE -> throw new IllegalArgumentException("zeroes can always be written");
        }
    }
}
