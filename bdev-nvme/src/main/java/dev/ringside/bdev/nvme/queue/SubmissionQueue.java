package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.nvme.spec.SubmissionEntry;
import dev.ringside.env.dma.DmaBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Our side of a submission queue. Commands are put into it, and one ring of the doorbell tells the controller of all of
 * them. Whoever puts sees to it that no more commands are in flight than the queue has entries, but for one.
 */
final class SubmissionQueue {
    private final Doorbell doorbell;
    private final DmaBuffer buffer;
    private final MemorySegment entries;
    private final int capacity;
    private int tail;
    private int rung;

    SubmissionQueue(Doorbell doorbell, DmaBuffer buffer, int capacity) {
        this.doorbell = doorbell;
        this.buffer = buffer;
        this.entries = buffer.segment();
        this.capacity = capacity;
    }

    long iova() {
        return buffer.iova();
    }

    int capacity() {
        return capacity;
    }

    /** Adds a command; what is not named is zero. */
    void put(int cdw0, int nsid, long prp1, long prp2, int cdw10, int cdw11, int cdw12) {
        write(entries, (long) tail << SubmissionEntry.SIZE_SHIFT, cdw0, nsid, prp1, prp2, cdw10, cdw11, cdw12);
        advance();
    }

    /** Adds a command that was written before, in words of an array. */
    void put(long[] written, int from) {
        MemorySegment e = entries;
        long at = (long) tail << SubmissionEntry.SIZE_SHIFT;
        for (int i = 0; i < SubmissionEntry.SIZE / Long.BYTES; i++) {
            e.set(ValueLayout.JAVA_LONG, at + (long) i * Long.BYTES, written[from + i]);
        }
        advance();
    }

    /** Writes a command somewhere; what is not named is zero. */
    static void write(
            MemorySegment e, long at, int cdw0, int nsid, long prp1, long prp2, int cdw10, int cdw11, int cdw12) {
        e.set(ValueLayout.JAVA_INT, at + SubmissionEntry.CDW0, cdw0);
        e.set(ValueLayout.JAVA_INT, at + SubmissionEntry.NSID, nsid);
        e.set(ValueLayout.JAVA_LONG, at + SubmissionEntry.NSID + Integer.BYTES, 0);
        e.set(ValueLayout.JAVA_LONG, at + SubmissionEntry.MPTR, 0);
        e.set(ValueLayout.JAVA_LONG, at + SubmissionEntry.PRP1, prp1);
        e.set(ValueLayout.JAVA_LONG, at + SubmissionEntry.PRP2, prp2);
        e.set(ValueLayout.JAVA_INT, at + SubmissionEntry.CDW10, cdw10);
        e.set(ValueLayout.JAVA_INT, at + SubmissionEntry.CDW11, cdw11);
        e.set(ValueLayout.JAVA_LONG, at + SubmissionEntry.CDW12, cdw12 & 0xffff_ffffL);
        e.set(ValueLayout.JAVA_LONG, at + SubmissionEntry.CDW14, 0);
    }

    private void advance() {
        int next = tail + 1;
        tail = next == capacity ? 0 : next;
    }

    /** Tells the controller of what was added since it was told last. */
    void ring() {
        if (tail != rung) {
            rung = tail;
            doorbell.ring(rung);
        }
    }

    /** Whether commands were added that the controller was not told of. */
    boolean pending() {
        return tail != rung;
    }

    /** Begins anew, as the controller does after a reset. */
    void clear() {
        entries.fill((byte) 0);
        doorbell.clear();
        tail = 0;
        rung = 0;
    }
}
