package dev.ringside.bdev.file;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.lang.foreign.MemorySegment;

/** Page-aligned buffers for requests whose own memory does not suit the file; owned by one reactor. */
final class BouncePool implements AutoCloseable {
    /** Bytes of one buffer, and of the longest request. */
    static final int BUFFER_BYTES = 1 << 20;

    static final int BUFFERS = 16;

    private final Mapping mapping;
    private final MemorySegment memory;
    private final int[] free = new int[BUFFERS];
    private int freeCount = BUFFERS;

    BouncePool() throws LinuxException {
        this.mapping = Mapping.anonymous((long) BUFFERS * BUFFER_BYTES);
        this.memory = mapping.segment();
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

    @Override
    public void close() {
        mapping.close();
    }
}
