package dev.ringside.bdev.scsi.queue;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Commands on their way from the thread that found them to their owner's: one thread puts at a time, one takes. What one puts, the
 * other sees with everything that was written before.
 */
final class ArrivalRing {
    private final @Nullable Arrival[] entries;
    private final int mask;
    private final AtomicInteger end = new AtomicInteger();
    private int begin;

    /** Makes one that is never full, as there are no more commands. */
    ArrivalRing(int commands) {
        this.entries = new @Nullable Arrival[Integer.highestOneBit(Math.max(1, commands - 1)) << 1];
        this.mask = entries.length - 1;
    }

    /** By whoever polls the adapter's queue. */
    void put(Arrival arrival) {
        int at = end.getOpaque();
        entries[at & mask] = arrival;
        // Not later than whatever the caller reads next: whether the owner sleeps.
        end.set(at + 1);
    }

    /** Whether there is nothing to hand over, at this moment among the accesses of both threads; by the owner. */
    boolean isEmpty() {
        return begin == end.get();
    }

    /** Hands everything over; by the owner. Returns how many there were. */
    int deliver() {
        int count = 0;
        int until = end.getAcquire();
        while (begin != until) {
            Arrival arrival = Objects.requireNonNull(entries[begin & mask]);
            begin++;
            count++;
            arrival.arrived();
        }
        return count;
    }
}
