package dev.ringside.vhost.scsi.unit;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The ranges of a unit that COMPARE AND WRITE commands have for themselves, in the order in which they asked. Any thread: its
 * monitor is held for the time of a list's update only, for such commands and when a way is opened or closed; ways are told
 * by message.
 */
public final class RangeLocks {
    private final List<RangeHolder> holders = new ArrayList<>();
    private final List<RangeLock> active = new ArrayList<>();
    private final List<RangeLock> queued = new ArrayList<>();

    RangeLocks() {}

    /** A way has been opened: it keeps off what the others do. On its reactor. */
    public synchronized void join(RangeHolder holder) {
        holders.add(holder);
        for (RangeLock lock : active) {
            lock.holders.add(holder);
            lock.oneMore();
            holder.hold(lock);
        }
    }

    /** A way is closed; nothing is in flight on it. On its reactor. */
    public synchronized void leave(RangeHolder holder) {
        holders.remove(holder);
    }

    /** Asks for a range. */
    public synchronized void lock(RangeLock lock) {
        boolean free =
                active.stream().noneMatch(lock::overlaps) && queued.stream().noneMatch(lock::overlaps);
        if (free) {
            begin(lock);
        } else {
            queued.add(lock);
        }
    }

    /** Gives a range back, or asks for it no more; who has asked for it next may have it. */
    public synchronized void unlock(RangeLock lock) {
        active.remove(lock);
        queued.remove(lock);
        lock.holders.forEach(holder -> holder.reactor().execute(() -> holder.release(lock)));
        beginNext();
    }

    private void beginNext() {
        List<RangeLock> before = new ArrayList<>(active);
        for (Iterator<RangeLock> each = queued.iterator(); each.hasNext(); ) {
            RangeLock next = each.next();
            if (before.stream().noneMatch(next::overlaps)) {
                each.remove();
                begin(next);
            }
            before.add(next);
        }
    }

    private void begin(RangeLock lock) {
        active.add(lock);
        lock.ask(holders);
    }
}
