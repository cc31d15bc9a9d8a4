package dev.ringside.benchmarks.load;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.SplitLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A device in this process that ends every request well at once and does nothing else. It runs on the thread that makes the
 * requests, so that what a request takes is the load generator's own cost, and the little that this class adds.
 */
public final class EchoDevice {
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SplitRing ring;
    private final MemorySegment memory;
    private final MemorySegment descriptors;
    private final MemorySegment used;
    private final boolean indirect;
    private int taken;

    /** Plays the device of a ring. */
    public EchoDevice(GuestRam ram, SplitRing ring, boolean indirect) {
        this.ring = ring;
        this.indirect = indirect;
        this.memory = ram.at(0, ram.region(0).bytes());
        this.descriptors = ram.at(ring.descriptorArea(), SplitLayout.descriptorBytes(ring.size()));
        this.used = ram.at(ring.deviceArea(), SplitLayout.usedBytes(ring.size()));
        // Nobody wants a kick.
        used.set(ValueLayout.JAVA_SHORT, SplitLayout.FLAGS, (short) SplitLayout.USED_F_NO_NOTIFY);
    }

    /** Ends what the driver has shown. */
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
