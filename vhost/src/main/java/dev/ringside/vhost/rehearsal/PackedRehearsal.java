package dev.ringside.vhost.rehearsal;

import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** A packed ring (virtio 1.2, 2.8), which the requests fill exactly: each submission is a lap. */
final class PackedRehearsal implements RehearsalRing {
    private static final VarHandle FLAGS = ValueLayout.JAVA_SHORT.varHandle();
    private static final int BOTH = PackedLayout.F_AVAIL | PackedLayout.F_USED;

    private final MemorySegment bytes;
    private final boolean indirect;
    private final int step;
    private boolean wrap;

    PackedRehearsal(RehearsalMemory memory, boolean indirect) {
        this.bytes = memory.bytes();
        this.indirect = indirect;
        this.step = indirect ? 1 : RehearsalMemory.DESCRIPTORS;
        for (int request = 0; request < RehearsalMemory.REQUESTS; request++) {
            for (int part = 0; part < RehearsalMemory.DESCRIPTORS; part++) {
                long at = RehearsalMemory.table(request) + (long) part * Descriptor.BYTES;
                describe(at, RehearsalMemory.address(request, part), RehearsalMemory.length(part), 0);
                flags(at, RehearsalMemory.direction(request, part));
            }
        }
    }

    private void describe(long at, long address, int length, int id) {
        bytes.set(ValueLayout.JAVA_LONG, at + Descriptor.ADDRESS, address);
        bytes.set(ValueLayout.JAVA_INT, at + PackedLayout.LENGTH, length);
        bytes.set(ValueLayout.JAVA_SHORT, at + PackedLayout.ID, (short) id);
    }

    private void flags(long at, int flags) {
        FLAGS.setRelease(bytes, at + PackedLayout.FLAGS, (short) flags);
    }

    private static long slot(int index) {
        return RehearsalMemory.RING + (long) index * Descriptor.BYTES;
    }

    @Override
    public int size() {
        return RehearsalMemory.REQUESTS * step;
    }

    @Override
    public int base() {
        return PackedLayout.WRAP | PackedLayout.WRAP << 16;
    }

    @Override
    public void submit() {
        wrap = !wrap;
        // From the last one on: the device stops at the first that is not available.
        for (int request = RehearsalMemory.REQUESTS - 1; request >= 0; request--) {
            if (indirect) {
                describe(slot(request), RehearsalMemory.table(request), RehearsalMemory.tableBytes(), request);
                available(slot(request), Descriptor.F_INDIRECT);
            } else {
                chain(request);
            }
        }
    }

    private void chain(int request) {
        for (int part = RehearsalMemory.DESCRIPTORS - 1; part >= 0; part--) {
            long at = slot(request * step + part);
            describe(at, RehearsalMemory.address(request, part), RehearsalMemory.length(part), request);
            int more = part < RehearsalMemory.DESCRIPTORS - 1 ? Descriptor.F_NEXT : 0;
            available(at, RehearsalMemory.direction(request, part) | more);
        }
    }

    private void available(long at, int flags) {
        flags(at, flags | (wrap ? PackedLayout.F_AVAIL : PackedLayout.F_USED));
    }

    @Override
    public boolean done() {
        for (int request = 0; request < RehearsalMemory.REQUESTS; request++) {
            int flags = (short) FLAGS.getAcquire(bytes, slot(request * step) + PackedLayout.FLAGS);
            if ((flags & BOTH) != (wrap ? BOTH : 0)) {
                return false;
            }
        }
        return true;
    }
}
