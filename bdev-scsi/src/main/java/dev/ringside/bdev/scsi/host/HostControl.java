package dev.ringside.bdev.scsi.host;

import java.util.function.BooleanSupplier;

/**
 * What the mid-layer does for a driver's control plane, so that the same code of the driver works while a reactor polls its
 * queues and while none does. On the control thread, within calls of {@link ScsiHostDriver}.
 */
public interface HostControl {

    /** Whom to tell of events. */
    ScsiTopology topology();

    /**
     * Runs something on the thread that has queue 0 now, between two of the queue's methods, and returns when it is done: how a
     * driver puts requests of its own, such as for a configuration page, into the queue. It must not wait.
     */
    void onQueue(Runnable action);

    /**
     * Waits until something is so, which {@link ScsiHostQueue#poll} of queue 0 brings about. The queue is polled meanwhile: by its
     * reactor, or if none has it, by this call.
     *
     * @param done reads a volatile field, or the like
     * @param deadlineNs in ns of {@link System#nanoTime}
     * @return whether it is so; false: the deadline has passed
     */
    boolean await(BooleanSupplier done, long deadlineNs);
}
