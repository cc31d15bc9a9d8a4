package dev.ringside.vhost.queue;

import dev.ringside.bdev.ScatterList;
import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Turns descriptors into extents of memory: what both ring formats have in common. Each descriptor is read once; what was
 * read is checked. Owned by the queue's reactor.
 */
abstract sealed class ChainParser permits SplitChainParser, PackedChainParser {
    static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Longest indirect chain; Linux drivers may exceed the ring's size with these. */
    private static final int MAX_INDIRECT = 1024;

    private static final long MAX_BYTES = 1L << 32;

    /** Entries of the ring, and the longest chain in it. */
    final int size;
    /** Longest chain of an indirect table; 0 where there may be none. */
    final int maxIndirect;

    ChainParser(int size, boolean indirect) {
        this.size = size;
        this.maxIndirect = indirect ? Math.max(size, MAX_INDIRECT) : 0;
    }

    /** Appends a descriptor's buffer; returns {@link Virtqueue#OK} or a {@link QueueError} code. */
    static int append(Chain chain, MemoryCursor memory, long address, long length, int flags) {
        chain.buffers++;
        ScatterList list = chain.readable();
        if ((flags & Descriptor.F_WRITE) != 0) {
            chain.writing = true;
            chain.addWritable(address, length);
            list = chain.writable();
        } else if (chain.writing) {
            return QueueError.READABLE_AFTER_WRITABLE.code();
        }
        return memory.translate(address, length, list) ? Virtqueue.OK : QueueError.BAD_ADDRESS.code();
    }

    static int end(Chain chain) {
        return chain.readable().bytes() + chain.writable().bytes() > MAX_BYTES
                ? QueueError.TOO_MANY_BYTES.code()
                : Virtqueue.OK;
    }

    /**
     * The memory that holds an indirect table, which ends its chain; null if there may be none like it. Whether the table
     * is marked as writable is ignored (virtio 1.2, 2.7.5.3.2).
     */
    final @Nullable MemorySegment indirectTable(long address, long length, int flags, MemoryCursor memory) {
        if (maxIndirect == 0 || (flags & Descriptor.F_NEXT) != 0 || length == 0 || length % Descriptor.BYTES != 0) {
            return null;
        }
        return memory.contiguous(address, length);
    }
}
