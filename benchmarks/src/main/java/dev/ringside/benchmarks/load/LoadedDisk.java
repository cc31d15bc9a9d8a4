package dev.ringside.benchmarks.load;

/** A disk that can be loaded, as it says of itself. */
public interface LoadedDisk {

    /** Capacity in bytes. */
    long bytes();

    /** Logical block in bytes. */
    int blockSize();

    /** Whether the disk cannot be written. */
    boolean readOnly();

    /** Whether the disk takes discards. */
    boolean discards();

    /** Whether the disk copies blocks of its own. */
    default boolean copies() {
        return false;
    }
}
