package dev.ringside.benchmarks.load;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The echo of a packed ring, of which it knows that each chain has as many descriptors as the next. */
final class PackedEcho extends EchoDevice {
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ORDERED64 =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /** In length, id and flags of a descriptor as one number. */
    private static final long AVAIL = (long) PackedLayout.F_AVAIL << 48;

    private static final long USED = (long) PackedLayout.F_USED << 48;
    private static final long ID = 0xffffL << 32;

    private final int size;
    private final MemorySegment memory;
    private final MemorySegment descriptors;
    private final boolean indirect;
    private int next;
    private boolean wrap = true;

    PackedEcho(GuestRam ram, PackedRing ring, boolean indirect) {
        this.size = ring.size();
        this.indirect = indirect;
        this.memory = ram.at(0, ram.region(0).bytes());
        this.descriptors = ram.at(ring.descriptorArea(), (long) size * Descriptor.BYTES);
        MemorySegment wish = ram.at(ring.deviceArea(), PackedLayout.EVENT_BYTES);
        wish.set(ValueLayout.JAVA_SHORT, PackedLayout.EVENT_FLAGS, (short) PackedLayout.EVENT_DISABLE);
    }

    @Override
    void step() {
        while (true) {
            long at = (long) next * Descriptor.BYTES + PackedLayout.LENGTH;
            long word = (long) ORDERED64.getAcquire(descriptors, at);
            if ((word & (AVAIL | USED)) != (wrap ? AVAIL : USED)) {
                return;
            }
            memory.set(ValueLayout.JAVA_BYTE, status(), BlkLayout.S_OK);
            ORDERED64.setRelease(descriptors, at, 1 | (word & ID) | (wrap ? AVAIL | USED : 0));
            next += indirect ? 1 : 3;
            if (next >= size) {
                next -= size;
                wrap = !wrap;
            }
        }
    }

    /** Where the status of the chain that comes next belongs. */
    private long status() {
        if (indirect) {
            long table = descriptors.get(U64, (long) next * Descriptor.BYTES);
            return memory.get(U64, table + 2L * Descriptor.BYTES);
        }
        int last = next + 2 < size ? next + 2 : next + 2 - size;
        return descriptors.get(U64, (long) last * Descriptor.BYTES);
    }
}
