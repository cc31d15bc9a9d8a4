package dev.ringside.testkit.scsi;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Things on their way from one thread to another; allocates nothing. One puts at a time, one takes. */
final class CommandRing<T> {
    private final AtomicReferenceArray<@Nullable T> entries;
    private final AtomicInteger end = new AtomicInteger();
    private final AtomicInteger begin = new AtomicInteger();

    /** Makes one that holds so many: a power of two. */
    CommandRing(int capacity) {
        this.entries = new AtomicReferenceArray<>(capacity);
    }

    boolean put(T entry) {
        int at = end.get();
        if (at - begin.get() == entries.length()) {
            return false;
        }
        entries.set(at & (entries.length() - 1), entry);
        end.set(at + 1);
        return true;
    }

    @Nullable
    T take() {
        int at = begin.get();
        if (at == end.get()) {
            return null;
        }
        T entry = entries.get(at & (entries.length() - 1));
        begin.set(at + 1);
        return entry;
    }

    /** While nobody else uses it. */
    void clear() {
        begin.set(end.get());
    }
}
