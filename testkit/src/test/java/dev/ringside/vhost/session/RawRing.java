package dev.ringside.vhost.session;

import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.queue.PackedDriver;
import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.MemorySegment;

/** A ring of either format for chains that no proper driver makes. */
interface RawRing {

    /** Writes a descriptor of a chain; those of a packed ring lie one after the other, from 0 on. */
    void descriptor(int index, long address, int length, int flags, int next);

    /** Writes an entry of an indirect table, at an offset in bytes. */
    void tableEntry(MemorySegment table, long at, long address, int length, int flags, int next);

    /** Shows the device the chain that starts at a descriptor; 0 in a packed ring. */
    void offer(int head);

    /** Whether a chain has come back since {@link #offer}. */
    boolean isUsed();

    /** The ring of a queue where its driver is now. */
    static RawRing of(BlkDriverQueue queue, RingFormat format) {
        return switch (format) {
            case SPLIT -> new Split(queue.driver().ring());
            case PACKED -> new Packed(queue.packed());
        };
    }

    /** A split ring. */
    record Split(SplitRing ring) implements RawRing {
        @Override
        public void descriptor(int index, long address, int length, int flags, int next) {
            ring.descriptor(index, address, length, flags, next);
        }

        @Override
        public void tableEntry(MemorySegment table, long at, long address, int length, int flags, int next) {
            SplitRing.descriptor(table, at, address, length, flags, next);
        }

        @Override
        public void offer(int head) {
            int index = ring.availableIndex();
            ring.availableEntry(index, head);
            ring.availableIndex(index + 1);
        }

        @Override
        public boolean isUsed() {
            return ring.usedIndex() == ring.availableIndex();
        }
    }

    /** A packed ring. */
    final class Packed implements RawRing {
        private static final int ID = 3;

        private final PackedRing ring;
        private final int first;
        private final int available;
        private int firstFlags;

        Packed(PackedDriver driver) {
            ring = driver.ring();
            first = driver.nextAvailable();
            available = driver.availableFlags();
        }

        @Override
        public void descriptor(int index, long address, int length, int flags, int next) {
            int slot = first + index;
            int lap = slot >= ring.size() ? ~available & (1 << 7 | 1 << 15) : available;
            slot %= ring.size();
            ring.descriptor(slot, address, length, ID);
            if (index == 0) {
                firstFlags = flags | lap;
            } else {
                ring.flags(slot, flags | lap);
            }
        }

        @Override
        public void tableEntry(MemorySegment table, long at, long address, int length, int flags, int next) {
            PackedRing.tableEntry(table, at, address, length, flags & ~Descriptor.F_NEXT);
        }

        @Override
        public void offer(int head) {
            ring.flags(first, firstFlags);
        }

        @Override
        public boolean isUsed() {
            int both = 1 << 7 | 1 << 15;
            int used = (available & 1 << 7) != 0 ? both : 0;
            return (ring.flags(first) & both) == used;
        }
    }
}
