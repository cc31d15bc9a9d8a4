package dev.ringside.vhost.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The faults of one virtqueue. Owned by its reactor. */
final class RingFaults {
    /** Longer than a daemon lives, and far from an overflow. */
    private static final long FOREVER_NS = 1L << 61;

    private final RingFault[] faults;
    /** What holds completions back; null: nothing does. */
    private @Nullable RingFault holder;

    private long heldUntilNs;
    private long nextCallNs;
    private boolean calling;
    private boolean stalled;

    RingFaults(List<RingFault> faults) {
        this.faults = faults.toArray(RingFault[]::new);
    }

    /** Looks whether requests are to be left in the ring. */
    void look(long nowNs) {
        stalled = hit(RingFault.Kind.STALLED_QUEUE, nowNs) != null;
    }

    /** Whether requests are left in the ring, as of the last look. */
    boolean stalled() {
        return stalled;
    }

    /**
     * Whether completions are to be held back.
     *
     * @param unpublished how many there are
     */
    boolean holds(int unpublished, long nowNs) {
        RingFault held = holder;
        if (held == null && unpublished > 0) {
            hold(nowNs);
            held = holder;
        }
        if (held == null) {
            return false;
        }
        if (held.run().isNow(nowNs) && nowNs - heldUntilNs < 0) {
            return true;
        }
        holder = null;
        return false;
    }

    private void hold(long nowNs) {
        RingFault late = hit(RingFault.Kind.LATE_COMPLETIONS, nowNs);
        if (late != null) {
            holder = late;
            heldUntilNs = nowNs + late.run().draw(late.latency());
        } else {
            holder = hit(RingFault.Kind.WITHHELD_COMPLETIONS, nowNs);
            heldUntilNs = nowNs + FOREVER_NS;
        }
    }

    /** Whether the driver is to be called for nothing. */
    boolean calls(long nowNs) {
        if (calling && nowNs - nextCallNs < 0) {
            return false;
        }
        RingFault spurious = hit(RingFault.Kind.SPURIOUS_CALLS, nowNs);
        calling = spurious != null;
        if (spurious != null) {
            nextCallNs = nowNs + spurious.run().draw(spurious.latency());
        }
        return calling;
    }

    /** Until there is something to do that nothing else would wake the reactor for. */
    long longestSleepNs(long nowNs) {
        long longest = Long.MAX_VALUE;
        for (RingFault fault : faults) {
            longest = Math.min(longest, fault.run().nextChangeNs(nowNs));
        }
        if (holder != null) {
            longest = Math.min(longest, heldUntilNs - nowNs);
        }
        if (calling) {
            longest = Math.min(longest, nextCallNs - nowNs);
        }
        return Math.max(0, longest);
    }

    private @Nullable RingFault hit(RingFault.Kind kind, long nowNs) {
        for (RingFault fault : faults) {
            if (fault.kind() == kind && fault.run().hits(nowNs)) {
                return fault;
            }
        }
        return null;
    }
}
