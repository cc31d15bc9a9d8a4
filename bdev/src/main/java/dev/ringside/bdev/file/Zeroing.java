package dev.ringside.bdev.file;

import dev.ringside.env.linux.LinuxFile;

/** The ways to make a range of a file read as zeroes. */
enum Zeroing {
    /** Keeps the blocks allocated. */
    ZERO_RANGE(LinuxFile.FALLOC_FL_ZERO_RANGE | LinuxFile.FALLOC_FL_KEEP_SIZE),
    /** Gives the blocks back. */
    PUNCH_HOLE(LinuxFile.FALLOC_FL_PUNCH_HOLE | LinuxFile.FALLOC_FL_KEEP_SIZE),
    /** Writes zeroes: always possible. */
    WRITE(0);

    /** Mode of fallocate(2). */
    final int mode;

    Zeroing(int mode) {
        this.mode = mode;
    }
}
