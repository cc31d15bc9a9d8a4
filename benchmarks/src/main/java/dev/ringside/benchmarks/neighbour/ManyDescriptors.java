package dev.ringside.benchmarks.neighbour;

import dev.ringside.env.linux.EventFd;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/** Requests that cost their driver next to nothing and the device much: all of them are one long table. */
abstract sealed class ManyDescriptors {
    /** As many as a device takes. */
    private static final int ENTRIES = 1024;

    private static final int PATIENCE_MS = 20_000;

    final long table;
    final int tableBytes;
    final int requests;

    private ManyDescriptors(GuestRam ram, int entries, int requests) {
        this.requests = requests;
        this.tableBytes = entries * Descriptor.BYTES;
        this.table = ram.allocate(tableBytes, 4096);
        long header = ram.allocate(64, 64);
        ram.putInt(header, BlkLayout.T_OUT);
        var memory = ram.at(table, tableBytes);
        for (int i = 0; i < entries; i++) {
            boolean end = i == entries - 1;
            int flags = end ? Descriptor.F_WRITE : Descriptor.F_NEXT;
            entry(memory, (long) i * Descriptor.BYTES, header, i == 0 ? BlkLayout.HEADER_BYTES : 1, flags, i + 1);
        }
    }

    /** Offers all requests and waits until they have come back. */
    final void round(EventFd kick) {
        offer();
        kick.signal();
        long deadline = System.nanoTime() + PATIENCE_MS * 1_000_000L;
        while (!isUsed()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("not answered in " + PATIENCE_MS + " ms");
            }
            // Does not spin: what the device costs is to be seen, not what this costs.
            LockSupport.parkNanos(100_000);
        }
    }

    abstract void entry(MemorySegment to, long at, long address, int length, int flags, int next);

    abstract void offer();

    abstract boolean isUsed();

    /** Offers a chain without an end. */
    abstract void endless();

    static final class Split extends ManyDescriptors {
        private final SplitRing ring;

        Split(GuestRam ram, SplitRing ring, int requests) {
            super(ram, ENTRIES, requests);
            this.ring = ring;
            ring.descriptor(0, table, tableBytes, Descriptor.F_INDIRECT, 0);
        }

        @Override
        void entry(MemorySegment to, long at, long address, int length, int flags, int next) {
            SplitRing.descriptor(to, at, address, length, flags, next & 0x7fff);
        }

        @Override
        void offer() {
            int first = ring.availableIndex();
            for (int i = 0; i < requests; i++) {
                ring.availableEntry(first + i, 0);
            }
            ring.availableIndex(first + requests);
        }

        @Override
        boolean isUsed() {
            return ring.usedIndex() == ring.availableIndex();
        }

        @Override
        void endless() {
            ring.descriptor(1, table, 1, Descriptor.F_NEXT, 1);
            ring.availableEntry(ring.availableIndex(), 1);
            ring.availableIndex(ring.availableIndex() + 1);
        }
    }

    static final class Packed extends ManyDescriptors {
        private static final int BOTH = PackedLayout.F_AVAIL | PackedLayout.F_USED;

        private final PackedRing ring;
        private long offered;

        Packed(GuestRam ram, PackedRing ring, int requests) {
            super(ram, ENTRIES, requests);
            this.ring = ring;
        }

        @Override
        void entry(MemorySegment to, long at, long address, int length, int flags, int next) {
            PackedRing.tableEntry(to, at, address, length, flags & Descriptor.F_WRITE);
        }

        @Override
        void offer() {
            for (int i = 0; i < requests; i++) {
                int slot = (int) (offered % ring.size());
                ring.descriptor(slot, table, tableBytes, i, Descriptor.F_INDIRECT | available(offered));
                offered++;
            }
        }

        @Override
        boolean isUsed() {
            long newest = offered - 1;
            int used = lap(newest) == 0 ? BOTH : 0;
            return (ring.flags((int) (newest % ring.size())) & BOTH) == used;
        }

        @Override
        void endless() {
            for (int i = ring.size() - 1; i >= 0; i--) {
                ring.descriptor(i, table, 1, 0, Descriptor.F_NEXT | PackedLayout.F_AVAIL);
            }
        }

        private int available(long count) {
            return lap(count) == 0 ? PackedLayout.F_AVAIL : PackedLayout.F_USED;
        }

        private int lap(long count) {
            return (int) (count / ring.size() & 1);
        }
    }
}
