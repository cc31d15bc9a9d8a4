package dev.ringside.bdev.scsi.host;

import java.util.function.BooleanSupplier;

/**
 * What the mid-layer does for a driver's control plane, so that the same code of the driver works while reactors use its queues
 * and while none does. On the control thread, within calls of {@link ScsiHostDriver}.
 */
public interface HostControl {

    /** Whom to tell of events. */
    ScsiTopology topology();

    /**
     * Runs something while no other thread is in queue 0: how a driver puts requests of its own, such as for a configuration
     * page, into the queue. It must not wait.
     */
    void onQueue(Runnable action);

    /**
     * Waits until something is so, which {@link ScsiHostQueue#poll} of queue 0 brings about. The queue is polled meanwhile, by
     * this call and by others. During {@link ScsiHostDriver#start}, the queue has to be there before the first wait.
     *
     * @param done reads what the poll writes; it is called while no other thread is in queue 0
     * @param deadlineNs in ns of {@link System#nanoTime}
     * @return whether it is so; false: the deadline has passed
     */
    boolean await(BooleanSupplier done, long deadlineNs);
}
