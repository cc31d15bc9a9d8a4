package dev.ringside.vhost.queue;

import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;

/** Chains of a packed ring: descriptors one after the other, in the ring or in an indirect table (virtio 1.2, 2.8). */
final class PackedChainParser extends ChainParser {

    PackedChainParser(int size, boolean indirect) {
        super(size, indirect);
    }

    /**
     * Fills a chain's lists, its buffer id and the number of its descriptors.
     *
     * @param slot entry of the chain's first descriptor, which is available
     * @return {@link Virtqueue#OK} or a {@link QueueError} code
     */
    int parse(MemorySegment ring, int slot, MemoryCursor memory, Chain chain) {
        chain.begin();
        int index = slot;
        for (int count = 1; count <= longest; count++) {
            long at = (long) index * Descriptor.BYTES;
            long address = ring.get(U64, at + Descriptor.ADDRESS);
            long rest = ring.get(U64, at + PackedLayout.LENGTH);
            long length = rest & 0xffff_ffffL;
            int flags = (int) (rest >>> 48);
            // The last descriptor of a chain has its id.
            chain.head = (int) (rest >>> 32) & 0xffff;
            chain.descriptors = count;
            int status = (flags & Descriptor.F_INDIRECT) != 0
                    ? parseIndirect(address, length, flags, memory, chain)
                    : append(chain, memory, address, length, flags);
            if (status != Virtqueue.OK) {
                return status;
            }
            if ((flags & Descriptor.F_NEXT) == 0) {
                return end(chain, count);
            }
            index = index + 1 == size ? 0 : index + 1;
        }
        return QueueError.CHAIN_TOO_LONG.code();
    }

    /**
     * Fills a chain's lists from the copy of its descriptors in the in-flight region.
     *
     * @param first the chain's first state
     */
    int parseRecovered(PackedInflight inflight, int first, MemoryCursor memory, Chain chain) {
        chain.begin();
        int entries = inflight.entriesOf(first);
        chain.state = first;
        chain.descriptors = entries;
        int state = first;
        for (int i = 0; i < entries; i++) {
            if (state >= size) {
                return QueueError.BAD_INFLIGHT_REGION.code();
            }
            long address = inflight.address(state);
            long rest = inflight.rest(state);
            int flags = (int) (rest >>> 16) & 0xffff;
            long length = rest >>> 32;
            chain.head = (int) rest & 0xffff;
            int status = (flags & Descriptor.F_INDIRECT) != 0
                    ? parseIndirect(address, length, flags, memory, chain)
                    : append(chain, memory, address, length, flags);
            if (status != Virtqueue.OK) {
                return status;
            }
            state = inflight.next(state);
        }
        return entries == 0 ? QueueError.BAD_INFLIGHT_REGION.code() : end(chain, entries);
    }

    /** The entries of an indirect table follow one another; of their flags only WRITE counts (virtio 1.2, 2.8.8). */
    private int parseIndirect(long address, long length, int flags, MemoryCursor memory, Chain chain) {
        MemorySegment table = indirectTable(address, length, flags, memory);
        if (table == null) {
            return QueueError.BAD_INDIRECT_TABLE.code();
        }
        long start = memory.offset(address);
        long entries = length / Descriptor.BYTES;
        if (entries > maxIndirect) {
            return QueueError.CHAIN_TOO_LONG.code();
        }
        for (long i = 0; i < entries; i++) {
            long at = start + i * Descriptor.BYTES;
            long rest = table.get(U64, at + PackedLayout.LENGTH);
            int entryFlags = (int) (rest >>> 48);
            if ((entryFlags & Descriptor.F_INDIRECT) != 0) {
                return QueueError.BAD_INDIRECT_TABLE.code();
            }
            int status =
                    append(chain, memory, table.get(U64, at + Descriptor.ADDRESS), rest & 0xffff_ffffL, entryFlags);
            if (status != Virtqueue.OK) {
                return status;
            }
        }
        return end(chain, (int) entries);
    }
}
