package dev.ringside.bdev.file;

import java.lang.foreign.MemorySegment;

/** Page-aligned buffers for requests whose own memory does not suit the file; owned by one reactor. */
final class BouncePool {
    /** Bytes of one buffer, and of the longest request. */
    static final int BUFFER_BYTES = 1 << 20;

    static final int BUFFERS = 16;

    /** Bytes of all buffers. */
    static final long BYTES = (long) BUFFERS * BUFFER_BYTES;

    private final MemorySegment memory;
    private final int[] free = new int[BUFFERS];
    private int freeCount = BUFFERS;

    /**
     * Divides memory into buffers.
     *
     * @param memory of {@link #BYTES}, page-aligned; never touched until a buffer is used
     */
    BouncePool(MemorySegment memory) {
        this.memory = memory;
        for (int i = 0; i < BUFFERS; i++) {
            free[i] = i;
        }
    }

    /** Takes a buffer; -1 if there is none. */
    int take() {
        return freeCount == 0 ? -1 : free[--freeCount];
    }

    void give(int buffer) {
        free[freeCount++] = buffer;
    }

    /** What all buffers are part of. */
    MemorySegment memory() {
        return memory;
    }

    long offset(int buffer) {
        return (long) buffer * BUFFER_BYTES;
    }
}
