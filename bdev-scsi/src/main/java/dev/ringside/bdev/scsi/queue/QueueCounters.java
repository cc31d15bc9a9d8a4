package dev.ringside.bdev.scsi.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Numbers that one reactor counts and any thread reads. */
final class QueueCounters {
    static final int COMMANDS = 0;
    static final int COPIED = 1;
    static final int RETRIED = 2;
    static final int FAILED = 3;
    static final int TIMEOUTS = 4;
    static final int FULL = 5;
    static final int ATTENTIONS = 6;
    static final int IN_FLIGHT = 7;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[IN_FLIGHT + 1];

    void increment(int which) {
        LONGS.setOpaque(counts, which, counts[which] + 1);
    }

    void set(int which, long value) {
        LONGS.setOpaque(counts, which, value);
    }

    /** Any thread. */
    long get(int which) {
        return (long) LONGS.getOpaque(counts, which);
    }

    /** Any thread. */
    QueueStats stats() {
        return new QueueStats(
                get(COMMANDS), get(COPIED), get(RETRIED), get(FAILED), get(TIMEOUTS), get(FULL), get(ATTENTIONS));
    }
}
