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

    /**
     * Most descriptors of a chain in the ring, and most entries of an indirect table, which may exceed the ring's size with
     * Linux drivers. Devices tell drivers to be content with far fewer.
     */
    private static final int MAX_CHAIN = 1024;

    private static final long MAX_BYTES = 1L << 32;

    /** Entries of the ring. */
    final int size;
    /** Longest chain in the ring. */
    final int longest;
    /** Longest chain of an indirect table; 0 where there may be none. */
    final int maxIndirect;

    private long parsed;

    ChainParser(int size, boolean indirect) {
        this.size = size;
        this.longest = Math.min(size, MAX_CHAIN);
        this.maxIndirect = indirect ? MAX_CHAIN : 0;
    }

    /** How many descriptors all chains so far had, those of indirect tables included. */
    final long parsed() {
        return parsed;
    }

    /**
     * Appends a descriptor's buffer; returns {@link Virtqueue#OK}, a {@link QueueError} code, or {@link Virtqueue#NO_ROOM} if
     * the chain's lists are full.
     */
    static int append(Chain chain, MemoryCursor memory, long address, long length, int flags) {
        chain.buffers++;
        ScatterList list = chain.readable();
        if ((flags & Descriptor.F_WRITE) != 0) {
            chain.writing = true;
            list = chain.writable();
        } else if (chain.writing) {
            return QueueError.READABLE_AFTER_WRITABLE.code();
        }
        if (!memory.translate(address, length, list)) {
            return list.isFull() ? Virtqueue.NO_ROOM : QueueError.BAD_ADDRESS.code();
        }
        if (chain.writing && length > 0) {
            chain.addWritable(address, length);
        }
        return Virtqueue.OK;
    }

    /** Ends a chain of so many descriptors; returns {@link Virtqueue#OK} or a {@link QueueError} code. */
    final int end(Chain chain, int descriptors) {
        parsed += descriptors;
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
