package dev.ringside.testkit.bdev;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory for requests that a device reaches, handed out in turn: what came first is handed out again by and by. One thread. */
public final class ReachableMemory implements AutoCloseable {
    private static final long PAGE = 4096;

    private final Mapping mapping;
    private long used;

    /**
     * Adds memory to what devices reach.
     *
     * @param bytes a multiple of 4,096
     * @throws LinuxException if no memory can be mapped, or a device does not take it
     */
    public ReachableMemory(DmaSpace dma, long bytes) throws LinuxException {
        mapping = Mapping.anonymous(bytes);
        dma.add(mapping.segment());
    }

    /** Zeroes at the beginning of a page; for more than a quarter of the memory others, which the device does not reach. */
    public MemorySegment allocate(Arena arena, long bytes) {
        return bytes > mapping.segment().byteSize() / 4 ? arena.allocate(bytes, PAGE) : allocate(bytes);
    }

    /**
     * Zeroes at the beginning of a page.
     *
     * @param bytes up to all of the memory
     */
    public MemorySegment allocate(long bytes) {
        long rounded = (bytes + PAGE - 1) & -PAGE;
        if (used + rounded > mapping.segment().byteSize()) {
            used = 0;
        }
        MemorySegment part = mapping.segment().asSlice(used, bytes);
        used += rounded;
        return part.fill((byte) 0);
    }

    /** Unmaps it; no device uses it any more. */
    @Override
    public void close() {
        mapping.close();
    }
}
