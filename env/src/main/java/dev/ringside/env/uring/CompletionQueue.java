package dev.ringside.env.uring;

import dev.ringside.env.uring.UringLayout.Cqe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Our side of the completion ring: the kernel writes entries and the tail, we move the head. */
final class CompletionQueue {
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment ring;
    private final long headAt;
    private final long tailAt;
    private final long entriesAt;
    private final int capacity;
    private final int mask;
    private int head;

    CompletionQueue(MemorySegment ring, SetupResult setup) {
        this.ring = ring;
        this.headAt = setup.cqHead();
        this.tailAt = setup.cqTail();
        this.entriesAt = setup.cqCqes();
        this.capacity = setup.cqEntries();
        this.mask = capacity - 1;
        this.head = (int) INT.get(ring, headAt);
    }

    int capacity() {
        return capacity;
    }

    /** Hands at most {@code max} completions over, gives their slots back to the kernel, and returns how many. */
    int drain(CompletionHandler handler, int max) {
        MemorySegment r = ring;
        int from = head;
        int ready = (int) INT.getAcquire(r, tailAt) - from;
        int count = Math.min(ready, max);
        int at = from;
        try {
            while (at - from < count) {
                long entry = entriesAt + (long) (at & mask) * Cqe.SIZE;
                at++;
                handler.completed(
                        r.get(ValueLayout.JAVA_LONG, entry + Cqe.USER_DATA),
                        r.get(ValueLayout.JAVA_INT, entry + Cqe.RES),
                        r.get(ValueLayout.JAVA_INT, entry + Cqe.FLAGS));
            }
        } finally {
            // Also when the handler throws: what it has seen does not come again.
            head = at;
            INT.setRelease(r, headAt, at);
        }
        return at - from;
    }
}
