package dev.ringside.vhost.scsi;

import dev.ringside.scsi.ScsiStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The commands that go over a range in pieces, through a buffer: so many of a queue at once, the others wait. Each does a piece
 * on a turn of the queue, so that a long one holds up nobody. Owned by the queue's reactor; the buffers are made when the
 * first such command comes.
 */
final class Sweeps {
    private static final int AT_ONCE = 4;

    private static final MemorySegment ZEROES = Arena.global().allocate(64 << 10, 64);

    private final RequestQueue queue;
    private final GuestData guest;
    private final ArrayDeque<Sweep> free = new ArrayDeque<>(AT_ONCE);
    private final ArrayDeque<Sweep> ready = new ArrayDeque<>(AT_ONCE);
    private int made;
    private @Nullable ScsiRequest firstWaiting;
    private @Nullable ScsiRequest lastWaiting;

    Sweeps(RequestQueue queue, GuestData guest) {
        this.queue = queue;
        this.guest = guest;
    }

    /** Begins to sweep the range of a request. */
    void begin(ScsiRequest request, int kind) {
        request.phase = kind;
        Sweep sweep = free.poll();
        if (sweep == null && made < AT_ONCE) {
            made++;
            sweep = new Sweep(this, queue, guest);
        }
        if (sweep != null) {
            sweep.begin(request);
            return;
        }
        append(request);
    }

    /** Ends those that wait and have been aborted. */
    void endAborted() {
        ScsiRequest each = firstWaiting;
        firstWaiting = null;
        lastWaiting = null;
        while (each != null) {
            ScsiRequest next = each.next;
            if (each.isAborted()) {
                each.next = null;
                queue.end(each, ScsiStatus.GOOD);
            } else {
                append(each);
            }
            each = next;
        }
    }

    private void append(ScsiRequest request) {
        request.next = null;
        if (lastWaiting == null) {
            firstWaiting = request;
        } else {
            lastWaiting.next = request;
        }
        lastWaiting = request;
    }

    /** A sweep has more to do on the next turn. */
    void ready(Sweep sweep) {
        ready.add(sweep);
    }

    /** A sweep has ended, and its request with it. */
    void free(Sweep sweep) {
        ScsiRequest next = firstWaiting;
        if (next == null) {
            free.add(sweep);
            return;
        }
        firstWaiting = next.next;
        if (firstWaiting == null) {
            lastWaiting = null;
        }
        next.next = null;
        sweep.begin(next);
    }

    void goOn() {
        for (int n = ready.size(); n > 0; n--) {
            ready.remove().goOn();
        }
    }

    boolean isIdle() {
        return ready.isEmpty();
    }

    /** Whether the first bytes that a request brings, no more than a block, are zero. */
    boolean bringsZero(ScsiRequest request, long bytes) {
        return guest.mismatch(request, 0, ZEROES, 0, bytes) < 0;
    }

    /** Whether a part of memory of our own is zero. */
    static boolean isZero(MemorySegment segment, long at, long bytes) {
        while (bytes > 0) {
            long part = Math.min(bytes, ZEROES.byteSize());
            if (MemorySegment.mismatch(segment, at, at + part, ZEROES, 0, part) >= 0) {
                return false;
            }
            at += part;
            bytes -= part;
        }
        return true;
    }
}
