package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.ReactorCounters;

/** What a queue counts. */
final class QueueCounters extends ReactorCounters {
    static final int COMMANDS = 0;
    static final int COPIED = 1;
    static final int RETRIED = 2;
    static final int FAILED = 3;
    static final int TIMEOUTS = 4;
    static final int FULL = 5;
    static final int ATTENTIONS = 6;
    static final int IN_FLIGHT = 7;

    QueueCounters() {
        super(IN_FLIGHT + 1);
    }

    /** Any thread. */
    QueueStats stats() {
        return new QueueStats(
                get(COMMANDS), get(COPIED), get(RETRIED), get(FAILED), get(TIMEOUTS), get(FULL), get(ATTENTIONS));
    }
}
