package dev.ringside.vhost.queue;

import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;

/** Chains of a split ring: descriptors linked by index, in the table or in an indirect one (virtio 1.2, 2.7.5). */
final class SplitChainParser extends ChainParser {

    SplitChainParser(int size, boolean indirect) {
        super(size, indirect);
    }

    /**
     * Fills a chain's lists.
     *
     * @param ring the descriptor table
     * @return {@link Virtqueue#OK} or a {@link QueueError} code
     */
    int parse(MemorySegment ring, int head, MemoryCursor memory, Chain chain) {
        chain.begin();
        MemorySegment table = ring;
        long start = 0;
        int entries = size;
        int limit = longest;
        boolean inRing = true;
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
                MemorySegment indirect = inRing ? indirectTable(address, length, flags, memory) : null;
                if (indirect == null) {
                    return QueueError.BAD_INDIRECT_TABLE.code();
                }
                table = indirect;
                start = memory.offset(address);
                entries = (int) (length / Descriptor.BYTES);
                // Beside the descriptors that led here.
                limit = count + 1 + maxIndirect;
                inRing = false;
                index = 0;
                continue;
            }
            int status = append(chain, memory, address, length, flags);
            if (status != Virtqueue.OK) {
                return status;
            }
            if ((flags & Descriptor.F_NEXT) == 0) {
                return end(chain, count + 1);
            }
            index = (int) (rest >>> 48);
        }
        return QueueError.CHAIN_TOO_LONG.code();
    }
}
