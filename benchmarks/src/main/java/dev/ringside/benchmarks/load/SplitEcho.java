package dev.ringside.benchmarks.load;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.SplitLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The echo of a split ring. */
final class SplitEcho extends EchoDevice {
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SplitRing ring;
    private final MemorySegment memory;
    private final MemorySegment descriptors;
    private final MemorySegment used;
    private final boolean indirect;
    private int taken;

    SplitEcho(GuestRam ram, SplitRing ring, boolean indirect) {
        this.ring = ring;
        this.indirect = indirect;
        this.memory = ram.at(0, ram.region(0).bytes());
        this.descriptors = ram.at(ring.descriptorArea(), SplitLayout.descriptorBytes(ring.size()));
        this.used = ram.at(ring.deviceArea(), SplitLayout.usedBytes(ring.size()));
        used.set(ValueLayout.JAVA_SHORT, SplitLayout.FLAGS, (short) SplitLayout.USED_F_NO_NOTIFY);
    }

    @Override
    void step() {
        int end = ring.availableIndex();
        if (taken == end) {
            return;
        }
        while (taken != end) {
            long head = ring.availableEntry(taken);
            memory.set(ValueLayout.JAVA_BYTE, status(head), BlkLayout.S_OK);
            long entry = SplitLayout.RING + (long) (taken & (ring.size() - 1)) * SplitLayout.USED_ENTRY;
            used.set(U64, entry, head | 1L << 32);
            taken = (taken + 1) & 0xffff;
        }
        ring.usedIndex(taken);
    }

    /** Where the status of a chain of three belongs. */
    private long status(long head) {
        if (indirect) {
            long table = descriptors.get(U64, head * Descriptor.BYTES);
            return memory.get(U64, table + 2L * Descriptor.BYTES);
        }
        return descriptors.get(U64, (head + 2) * Descriptor.BYTES);
    }
}
