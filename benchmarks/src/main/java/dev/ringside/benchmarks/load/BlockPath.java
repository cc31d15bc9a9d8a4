package dev.ringside.benchmarks.load;

import java.lang.foreign.MemorySegment;

/** A way of requests that name their blocks when they are added. */
abstract class BlockPath extends RequestPath {

    /** The data of all slots, one after the other; of trims and copies there is none to speak of. */
    abstract MemorySegment data();

    /**
     * Adds a request, to be shown by the next {@link #publish}.
     *
     * @param slot one that is not in flight
     * @param read whether it reads; else it writes, or trims or copies if that is the pattern of the load
     * @param sector where it begins, in sectors of 512 bytes
     */
    abstract void add(int slot, boolean read, long sector);
}
