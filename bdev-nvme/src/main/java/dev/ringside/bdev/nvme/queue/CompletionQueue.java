package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.nvme.spec.CompletionEntry;
import dev.ringside.env.dma.DmaBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Our side of a completion queue. An entry is new when its phase is the one that this pass expects: the controller inverts
 * it with each pass.
 */
final class CompletionQueue {
    private static final VarHandle STATUS = ValueLayout.JAVA_SHORT.varHandle();

    private final Doorbell doorbell;
    private final DmaBuffer buffer;
    private final MemorySegment entries;
    private final int capacity;
    private int head;
    private int phase = CompletionEntry.PHASE;

    CompletionQueue(Doorbell doorbell, DmaBuffer buffer, int capacity) {
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

    /** Whether there is a new entry; its fields may be read then. */
    boolean ready() {
        long at = ((long) head << CompletionEntry.SIZE_SHIFT) + CompletionEntry.STATUS;
        return ((short) STATUS.getAcquire(entries, at) & CompletionEntry.PHASE) == phase;
    }

    /** Status of the new entry, without its phase. */
    int status() {
        return (field(CompletionEntry.STATUS) & 0xffff) >>> 1;
    }

    /** Command identifier of the new entry, which is whatever the controller wrote. */
    int commandId() {
        return field(CompletionEntry.COMMAND_ID) & 0xffff;
    }

    int dw0() {
        return entries.get(ValueLayout.JAVA_INT, ((long) head << CompletionEntry.SIZE_SHIFT) + CompletionEntry.DW0);
    }

    /** Is done with the new entry. */
    void advance() {
        if (++head == capacity) {
            head = 0;
            phase ^= CompletionEntry.PHASE;
        }
    }

    /** Gives the entries that are done with back to the controller. */
    void ring() {
        doorbell.ring(head);
    }

    /** Begins anew, as the controller does after a reset. */
    void clear() {
        entries.fill((byte) 0);
        doorbell.clear();
        head = 0;
        phase = CompletionEntry.PHASE;
    }

    private short field(int offset) {
        return entries.get(ValueLayout.JAVA_SHORT, ((long) head << CompletionEntry.SIZE_SHIFT) + offset);
    }
}
