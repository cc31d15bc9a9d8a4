package dev.ringside.vhost.rehearsal;

import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.SplitLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** A split ring (virtio 1.2, 2.7), whose descriptors are written once. */
final class SplitRehearsal implements RehearsalRing {
    private static final int SIZE = 64;
    private static final VarHandle INDEX = ValueLayout.JAVA_SHORT.varHandle();

    private final MemorySegment bytes;
    private final int step;
    private short next;

    SplitRehearsal(RehearsalMemory memory, boolean indirect) {
        bytes = memory.bytes();
        step = indirect ? 1 : RehearsalMemory.DESCRIPTORS;
        for (int request = 0; request < RehearsalMemory.REQUESTS; request++) {
            int head = request * step;
            if (indirect) {
                long table = RehearsalMemory.table(request);
                chain(request, table, 0);
                descriptor(RehearsalMemory.RING, head, table, RehearsalMemory.tableBytes(), Descriptor.F_INDIRECT, 0);
            } else {
                chain(request, RehearsalMemory.RING, head);
            }
        }
    }

    private void chain(int request, long table, int head) {
        for (int part = 0; part < RehearsalMemory.DESCRIPTORS; part++) {
            int flags = RehearsalMemory.direction(request, part)
                    | (part < RehearsalMemory.DESCRIPTORS - 1 ? Descriptor.F_NEXT : 0);
            descriptor(
                    table,
                    head + part,
                    RehearsalMemory.address(request, part),
                    RehearsalMemory.length(part),
                    flags,
                    head + part + 1);
        }
    }

    private void descriptor(long table, int index, long address, int length, int flags, int following) {
        long at = table + (long) index * Descriptor.BYTES;
        bytes.set(ValueLayout.JAVA_LONG, at + Descriptor.ADDRESS, address);
        bytes.set(ValueLayout.JAVA_INT, at + Descriptor.LENGTH, length);
        bytes.set(ValueLayout.JAVA_SHORT, at + Descriptor.FLAGS, (short) flags);
        bytes.set(ValueLayout.JAVA_SHORT, at + Descriptor.NEXT, (short) following);
    }

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public int base() {
        return 0;
    }

    @Override
    public void submit() {
        for (int request = 0; request < RehearsalMemory.REQUESTS; request++) {
            long entry = SplitLayout.RING + (long) (next++ & SIZE - 1) * SplitLayout.AVAILABLE_ENTRY;
            bytes.set(ValueLayout.JAVA_SHORT, RehearsalMemory.DRIVER + entry, (short) (request * step));
        }
        INDEX.setRelease(bytes, (long) RehearsalMemory.DRIVER + SplitLayout.INDEX, next);
    }

    @Override
    public boolean done() {
        return (short) INDEX.getAcquire(bytes, (long) RehearsalMemory.DEVICE + SplitLayout.INDEX) == next;
    }
}
