package dev.ringside.env.dma;

import dev.ringside.env.linux.LinuxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Buffers that devices reach, in classes of sizes: powers of two from a page to a huge page. There is one pool for each
 * reactor, so that its lock, which any thread may take, is free when the reactor wants it; {@link #take} allocates nothing
 * and makes no system call. The pool grows by {@link #reserve} and shrinks by {@link #trim}. A device has to be there as
 * long as the pool is used.
 */
public final class DmaPool implements AutoCloseable {
    /** Bytes of the smallest buffer. */
    public static final int SMALLEST = 4096;

    /** Bytes of the largest buffer. */
    public static final int LARGEST = DmaChunk.BYTES;

    private static final int FIRST_CLASS = Integer.numberOfTrailingZeros(SMALLEST);

    private final DmaSpace space;
    private final List<DmaChunk> chunks = new ArrayList<>();
    private final @Nullable DmaBuffer[] free =
            new @Nullable DmaBuffer[Integer.numberOfTrailingZeros(LARGEST) - FIRST_CLASS + 1];

    /** Makes an empty pool. */
    public DmaPool(DmaSpace space) {
        this.space = space;
    }

    /** Whether all of an address space's devices are gone, and the pool's buffers are known to none. */
    public DmaSpace space() {
        return space;
    }

    /**
     * Takes a buffer, if there is one.
     *
     * @param bytes 1 to {@link #LARGEST}; the buffer may be longer
     * @return null if none of that size is free
     */
    public synchronized @Nullable DmaBuffer take(int bytes, DmaOwner owner) {
        int index = sizeClass(bytes) - FIRST_CLASS;
        DmaBuffer buffer = free[index];
        if (buffer != null) {
            free[index] = buffer.next;
            buffer.next = null;
            buffer.owner = owner;
            buffer.chunk.used++;
        }
        return buffer;
    }

    /**
     * Takes a buffer, and makes one if there is none. Control plane.
     *
     * @param bytes 1 to {@link #LARGEST}
     * @return zeroed
     * @throws LinuxException ENOMEM
     */
    public DmaBuffer allocate(int bytes, DmaOwner owner) throws LinuxException {
        DmaBuffer buffer = take(bytes, owner);
        while (buffer == null) {
            reserve(bytes, 1);
            buffer = take(bytes, owner);
        }
        buffer.segment().fill((byte) 0);
        return buffer;
    }

    /**
     * Makes buffers, until some of that size are free. Control plane.
     *
     * @throws LinuxException ENOMEM
     */
    public synchronized void reserve(int bytes, int count) throws LinuxException {
        int sizeClass = sizeClass(bytes);
        int ready = 0;
        for (DmaBuffer buffer = free[sizeClass - FIRST_CLASS]; buffer != null; buffer = buffer.next) {
            ready++;
        }
        while (ready < count) {
            DmaChunk chunk = DmaChunk.make(space, sizeClass);
            chunks.add(chunk);
            for (DmaBuffer buffer : chunk.buffers) {
                push(buffer);
            }
            ready += chunk.buffers.length;
        }
    }

    /** Gives a buffer back; the device is done with it. */
    public synchronized void give(DmaBuffer buffer) {
        if (buffer.owner == null) {
            throw new IllegalStateException("a buffer was given back twice");
        }
        buffer.owner = null;
        buffer.chunk.used--;
        push(buffer);
    }

    /**
     * Gives back everything that an owner has, who is gone.
     *
     * @return bytes
     */
    public synchronized long reclaim(DmaOwner owner) {
        long bytes = 0;
        for (DmaChunk chunk : chunks) {
            for (DmaBuffer buffer : chunk.buffers) {
                if (buffer.owner == owner) {
                    bytes += buffer.bytes();
                    give(buffer);
                }
            }
        }
        return bytes;
    }

    /** Bytes that each owner has, by the owner's name. */
    public synchronized Map<String, Long> owners() {
        Map<String, Long> bytes = new LinkedHashMap<>();
        for (DmaChunk chunk : chunks) {
            for (DmaBuffer buffer : chunk.buffers) {
                if (buffer.owner != null) {
                    bytes.merge(buffer.owner.toString(), buffer.bytes(), Long::sum);
                }
            }
        }
        return bytes;
    }

    /** Bytes of the pool, used or free. */
    public synchronized long bytes() {
        return (long) chunks.size() * DmaChunk.BYTES;
    }

    /** Gives memory back to the system of which nothing is used. Control plane. */
    public synchronized void trim() {
        List<DmaChunk> unused = chunks.stream().filter(chunk -> chunk.used == 0).toList();
        if (unused.isEmpty()) {
            return;
        }
        chunks.removeAll(unused);
        for (int i = 0; i < free.length; i++) {
            free[i] = null;
        }
        for (DmaChunk chunk : chunks) {
            for (DmaBuffer buffer : chunk.buffers) {
                if (buffer.owner == null) {
                    push(buffer);
                }
            }
        }
        unused.forEach(DmaChunk::free);
    }

    /** Gives all memory back to the system; no device uses it, whoever has it. */
    @Override
    public synchronized void close() {
        for (DmaChunk chunk : chunks) {
            for (DmaBuffer buffer : chunk.buffers) {
                if (buffer.owner != null) {
                    give(buffer);
                }
            }
        }
        trim();
    }

    private void push(DmaBuffer buffer) {
        int index = buffer.chunk.sizeClass - FIRST_CLASS;
        buffer.next = free[index];
        free[index] = buffer;
    }

    private static int sizeClass(int bytes) {
        Objects.checkIndex(bytes - 1, LARGEST);
        return bytes <= SMALLEST ? FIRST_CLASS : Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1);
    }
}
