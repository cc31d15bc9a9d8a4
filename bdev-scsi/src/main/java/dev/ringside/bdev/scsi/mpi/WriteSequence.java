package dev.ringside.bdev.scsi.mpi;

/** What is written to WriteSequence to open the diagnostic register (mpi.h, mpi2.h). */
public enum WriteSequence {
    /** Of MPI 1. */
    MPI_1(5, 0x0d72b4),
    /** Of MPI 2. */
    MPI_2(6, 0xd72b4f);

    /** Closes the register, and is what a sequence begins after. */
    public static final int FLUSH = 0x0;

    private static final int KEY_BITS = 4;

    private final int length;
    private final int keys;

    /** Takes the keys as digits, the first in the lowest bits. */
    WriteSequence(int length, int keys) {
        this.length = length;
        this.keys = keys;
    }

    /** How many keys there are. */
    public int length() {
        return length;
    }

    /** Key {@code i}, from 0. */
    public int key(int i) {
        return (keys >>> (i * KEY_BITS)) & 0xf;
    }
}
