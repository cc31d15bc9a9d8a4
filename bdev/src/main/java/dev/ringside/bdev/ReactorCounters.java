package dev.ringside.bdev;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Numbers that one reactor counts and any thread reads. Each has an index, from 0. */
public class ReactorCounters {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts;

    /** Makes as many as that, all of them 0. */
    protected ReactorCounters(int count) {
        counts = new long[count];
    }

    /** Counts one more. On the reactor. */
    public final void increment(int which) {
        LONGS.setOpaque(counts, which, counts[which] + 1);
    }

    /** Changes a number. On the reactor. */
    public final void set(int which, long value) {
        LONGS.setOpaque(counts, which, value);
    }

    /** A number, as it was at about this time. Any thread. */
    public final long get(int which) {
        return (long) LONGS.getOpaque(counts, which);
    }
}
