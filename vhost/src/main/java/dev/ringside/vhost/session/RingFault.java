package dev.ringside.vhost.session;

import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultRun;
import dev.ringside.bdev.fault.Latency;

/**
 * A fault of virtqueues, while it is given. Any thread.
 *
 * @param queue index of the virtqueue; {@link #ALL}
 * @param latency how late completions are shown, or the time from one spurious call to the next; the others need none
 * @param run when it is, and how often it has hit: batches of completions, calls, or looks at a stalled queue
 */
public record RingFault(Kind kind, int queue, Latency latency, FaultRun run) {
    /** As an index: every virtqueue. */
    public static final int ALL = -1;

    /** What is wrong with a virtqueue. */
    public enum Kind {
        /** What was done is shown to the driver some time later. */
        LATE_COMPLETIONS,
        /** What was done is not shown to the driver until the fault is over. */
        WITHHELD_COMPLETIONS,
        /** No requests are taken. */
        STALLED_QUEUE,
        /** The driver is called although nothing was done. */
        SPURIOUS_CALLS
    }

    /**
     * Gives a fault.
     *
     * @param probability that a batch of completions is hit, above 0 to 1
     * @param afterNs how long after now it begins, at least 0
     * @param forNs how long it lasts, at least 1; {@link Fault#ENDLESS}: without end
     * @param seed what happens at random is the same for the same seed
     * @param nowNs the present time, in ns of {@link System#nanoTime}
     */
    public static RingFault of(
            Kind kind,
            int queue,
            Latency latency,
            double probability,
            long afterNs,
            long forNs,
            long seed,
            long nowNs) {
        return new RingFault(
                kind, queue, latency, new FaultRun(probability, Fault.ENDLESS, afterNs, forNs, seed, nowNs));
    }

    boolean concerns(int index) {
        return queue == ALL || queue == index;
    }
}
