package dev.ringside.vhost.scsi;

import dev.ringside.vhost.scsi.unit.RangeLock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What a way knows of the ranges that COMPARE AND WRITE commands have locked: what would modify such a range waits here, and a
 * lock is told when those that were begun before it have ended. Owned by the way's reactor; costs a write a count, and
 * allocates nothing while there is no lock.
 */
final class WriteFence {
    private final List<RangeLock> locks = new ArrayList<>();
    /** Locks that wait for the writes of the other epoch to end, and those that come after them. */
    private final List<RangeLock> draining = new ArrayList<>();

    private final List<RangeLock> next = new ArrayList<>();
    private final ArrayDeque<FencedWrite> waiting = new ArrayDeque<>();
    /** Writes that have not ended, by the epoch in which they were begun. */
    private final int[] begun = new int[2];

    private int epoch;

    /** Something that submits writes, one at a time. */
    interface FencedWrite {
        /** Tries again to begin the write that waited; ends it instead if it has been aborted. */
        void beginWrite();

        /** Whether it has been aborted. */
        boolean isAborted();
    }

    /**
     * Whether a write may begin now; if not, it waits and is told.
     *
     * @return the epoch, for {@link #ended}; -1: it waits
     */
    int begin(FencedWrite write, long lba, long blocks) {
        for (int i = 0; i < locks.size(); i++) {
            if (locks.get(i).overlaps(lba, blocks)) {
                waiting.add(write);
                return -1;
            }
        }
        begun[epoch]++;
        return epoch;
    }

    /** A write has ended that was begun in an epoch. */
    void ended(int in) {
        if (--begun[in] == 0 && in != epoch && !draining.isEmpty()) {
            tell();
            drainNext();
        }
    }

    void hold(RangeLock lock) {
        locks.add(lock);
        next.add(lock);
        drainNext();
    }

    void release(RangeLock lock) {
        locks.remove(lock);
        for (int n = waiting.size(); n > 0; n--) {
            waiting.remove().beginWrite();
        }
    }

    /** Ends those that wait and have been aborted. */
    void endAborted() {
        endAborted(waiting);
    }

    /** Ends those of a queue that have been aborted; the others stay in their order. */
    static <W extends FencedWrite> void endAborted(ArrayDeque<W> waiting) {
        for (int n = waiting.size(); n > 0; n--) {
            W write = waiting.remove();
            if (write.isAborted()) {
                write.beginWrite();
            } else {
                waiting.add(write);
            }
        }
    }

    private void drainNext() {
        while (!next.isEmpty() && draining.isEmpty()) {
            draining.addAll(next);
            next.clear();
            int old = epoch;
            epoch ^= 1;
            if (begun[old] == 0) {
                tell();
            }
        }
    }

    private void tell() {
        List<RangeLock> told = List.copyOf(draining);
        draining.clear();
        told.forEach(RangeLock::held);
    }
}
