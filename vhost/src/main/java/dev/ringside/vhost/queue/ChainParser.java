package dev.ringside.vhost.queue;

import dev.ringside.bdev.ScatterList;
import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Turns a chain of descriptors into extents of memory (virtio 1.2, 2.7.4 and 2.7.5). Each descriptor is read once; what was
 * read is checked. Owned by the queue's reactor.
 */
final class ChainParser {
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long MAX_BYTES = 1L << 32;

    private final int maxDirect;
    private final int maxIndirect;

    /**
     * Makes a parser.
     *
     * @param maxDirect longest chain of descriptors in the ring
     * @param maxIndirect longest chain in an indirect table; 0 where there may be none
     */
    ChainParser(int maxDirect, int maxIndirect) {
        this.maxDirect = maxDirect;
        this.maxIndirect = maxIndirect;
    }

    /**
     * Fills a chain's lists from a table.
     *
     * @param table descriptors; descriptor 0 is at offset 0
     * @return {@link Virtqueue#OK} or a {@link QueueError} code
     */
    int parse(MemorySegment table, int entries, int head, MemoryCursor memory, Chain chain) {
        ScatterList readable = chain.readable();
        ScatterList writable = chain.writable();
        readable.clear();
        writable.clear();
        long start = 0;
        int limit = maxDirect;
        boolean indirect = false;
        boolean writing = false;
        int index = head;
        for (int count = 0; count < limit; count++) {
            if (index >= entries) {
                return QueueError.DESCRIPTOR_OUT_OF_RANGE.code();
            }
            long at = start + (long) index * Descriptor.BYTES;
            long address = table.get(U64, at + Descriptor.ADDRESS);
            long rest = table.get(U64, at + Descriptor.LENGTH);
            long length = rest & 0xffff_ffffL;
            int flags = (int) (rest >>> 32) & 0xffff;
            if ((flags & Descriptor.F_INDIRECT) != 0) {
                MemorySegment region = indirect ? null : indirectTable(address, length, flags, memory);
                if (region == null) {
                    return QueueError.BAD_INDIRECT_TABLE.code();
                }
                table = region;
                start = memory.offset(address);
                entries = (int) (length / Descriptor.BYTES);
                limit = maxIndirect;
                indirect = true;
                index = 0;
                continue;
            }
            if ((flags & Descriptor.F_WRITE) != 0) {
                writing = true;
            } else if (writing) {
                return QueueError.READABLE_AFTER_WRITABLE.code();
            }
            if (!memory.translate(address, length, writing ? writable : readable)) {
                return QueueError.BAD_ADDRESS.code();
            }
            if ((flags & Descriptor.F_NEXT) == 0) {
                return readable.bytes() + writable.bytes() > MAX_BYTES
                        ? QueueError.TOO_MANY_BYTES.code()
                        : Virtqueue.OK;
            }
            index = (int) (rest >>> 48);
        }
        return QueueError.CHAIN_TOO_LONG.code();
    }

    /**
     * The memory that holds an indirect table, which ends its chain; null if there may be none like it. Whether the table
     * is marked as writable is ignored (virtio 1.2, 2.7.5.3.2).
     */
    private @Nullable MemorySegment indirectTable(long address, long length, int flags, MemoryCursor memory) {
        if (maxIndirect == 0 || (flags & Descriptor.F_NEXT) != 0 || length == 0 || length % Descriptor.BYTES != 0) {
            return null;
        }
        return memory.contiguous(address, length);
    }
}
