package dev.ringside.env.dma;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory of a {@link DmaPool} that devices reach; as long as its class of sizes, and aligned to that, for devices, too: the upper
 * halves of all its addresses are the same.
 */
public final class DmaBuffer {
    final DmaChunk chunk;
    /** The next in a list of free ones. */
    @Nullable
    DmaBuffer next;
    /** Who has it; null while it is free. */
    @Nullable
    DmaOwner owner;

    private final MemorySegment segment;
    private final long iova;

    DmaBuffer(DmaChunk chunk, MemorySegment segment, long iova) {
        this.chunk = chunk;
        this.segment = segment;
        this.iova = iova;
    }

    /** The memory; its contents are what the last owner left. */
    public MemorySegment segment() {
        return segment;
    }

    /** What devices call its beginning. */
    public long iova() {
        return iova;
    }

    /** Length in bytes: a power of two. */
    public long bytes() {
        return segment.byteSize();
    }
}
