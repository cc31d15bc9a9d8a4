package dev.ringside.bdev.scsi.host;

import dev.ringside.env.linux.EventFd;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What the mid-layer does for a driver's control plane, so that the same code of the driver works while reactors use its queues
 * and while none does. On the control thread, within calls of {@link ScsiHostDriver}.
 */
public interface HostControl {

    /** Whom to tell of events. */
    ScsiTopology topology();

    /**
     * What the adapter's interrupts signal, so that reactors can sleep while it works; to be asked for during {@link
     * ScsiHostDriver#start}, once, by a driver whose adapter can interrupt. It signals the counter of a queue whenever a reply
     * comes into that queue after {@link ScsiHostQueue#poll} has found it empty, also after each reset.
     *
     * @param queues as many as {@link HostCapabilities#queues}
     * @return a counter for each queue, which stays the mid-layer's and outlives the driver; none if reactors poll anyway
     * @throws ScsiHostException FATAL if there are no descriptors
     */
    default List<EventFd> interrupts(int queues) throws ScsiHostException {
        return List.of();
    }

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
