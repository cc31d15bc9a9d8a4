package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.host.HostControl;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiTopology;
import dev.ringside.bdev.scsi.queue.QueueHub;
import dev.ringside.bdev.scsi.queue.QueueShare;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The control thread's way into the adapter's queues. Owned by that thread. */
final class HostPort implements HostControl {
    private static final int BUDGET = 1024;
    private static final long PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(100);

    private final ScsiHostDriver driver;
    private final ScsiTopology topology;
    private final boolean interrupted;
    /** By the number of the adapter's queue; empty if reactors poll. */
    private final List<EventFd> counters = new ArrayList<>();
    /** One in each of the adapter's queues; empty until it is up. */
    private List<QueueShare> shares = List.of();

    /**
     * Makes one for an adapter that is not up yet.
     *
     * @param interrupted whether the adapter shall interrupt if it can
     */
    HostPort(ScsiHostDriver driver, ScsiTopology topology, boolean interrupted) {
        this.driver = driver;
        this.topology = topology;
        this.interrupted = interrupted;
    }

    /** The adapter is up, and others use its queues from now on. */
    void share(List<QueueHub> hubs) {
        shares = hubs.stream().map(hub -> new QueueShare(hub, 1, 0)).toList();
    }

    /** Its share of the adapter's queue 0. */
    QueueShare first() {
        return shares.getFirst();
    }

    /** Its share of an adapter's queue. */
    QueueShare of(QueueHub hub) {
        return shares.stream().filter(share -> share.hub() == hub).findFirst().orElseThrow();
    }

    @Override
    public ScsiTopology topology() {
        return topology;
    }

    @Override
    public List<EventFd> interrupts(int queues) throws ScsiHostException {
        try {
            for (int i = 0; interrupted && i < queues; i++) {
                counters.add(EventFd.create());
            }
        } catch (LinuxException e) {
            throw new ScsiHostException(Kind.FATAL, "counters for interrupts: " + e.getMessage(), e);
        }
        return List.copyOf(counters);
    }

    /** What interrupts of one of the adapter's queues signal; null: there are none. */
    @Nullable
    EventFd interrupt(int queue) {
        return counters.isEmpty() ? null : counters.get(queue);
    }

    /** Nobody interrupts, and nobody waits for it, any more. */
    void close() {
        counters.forEach(EventFd::close);
        counters.clear();
    }

    @Override
    public void onQueue(Runnable action) {
        if (shares.isEmpty()) {
            action.run();
        } else {
            inside(first(), action);
        }
    }

    @Override
    public boolean await(BooleanSupplier done, long deadlineNs) {
        return await(shares.isEmpty() ? null : first(), done, deadlineNs);
    }

    /** As {@link #await(BooleanSupplier, long)}, for the queue of a share. */
    boolean await(@Nullable QueueShare share, BooleanSupplier done, long deadlineNs) {
        boolean[] so = {false};
        while (true) {
            if (share == null) {
                driver.queue(0).poll(BUDGET);
                so[0] = done.getAsBoolean();
            } else {
                inside(share, () -> {
                    share.hub().port().poll(BUDGET);
                    share.hub().port().commit();
                    so[0] = done.getAsBoolean();
                });
            }
            if (so[0] || System.nanoTime() - deadlineNs > 0) {
                return so[0];
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** Looks into each queue for what nobody else looks for. */
    void look() {
        for (QueueShare share : shares) {
            inside(share, () -> {
                share.hub().port().poll(BUDGET);
                share.hub().port().commit();
            });
        }
    }

    /** Whether the adapter has any command for a device, in whichever queue. */
    boolean has(ScsiDevice device) {
        boolean[] any = {false};
        for (QueueShare share : shares) {
            inside(share, () -> any[0] |= share.hub().has(device));
        }
        return any[0];
    }

    /** Keeps everybody else out of all queues, for as long as something takes. */
    <E extends Exception> void alone(Alone<E> action) throws E {
        shares.forEach(QueueShare::enter);
        try {
            action.run();
        } finally {
            shares.forEach(QueueShare::leave);
        }
    }

    /** Something that is done while nobody else is in a queue. */
    interface Alone<E extends Exception> {
        void run() throws E;
    }

    /** The adapter has forgotten every command; within {@link #alone}. */
    void forget() {
        shares.forEach(share -> share.hub().forget());
    }

    /** Does something while nobody else is in a queue. */
    static void inside(QueueShare share, Runnable action) {
        if (share.holds()) {
            action.run();
            return;
        }
        share.enter();
        try {
            action.run();
        } finally {
            share.leave();
        }
    }
}
