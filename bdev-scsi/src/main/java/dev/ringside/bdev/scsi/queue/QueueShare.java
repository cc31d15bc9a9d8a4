package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.env.linux.EventFd;
import java.util.concurrent.locks.LockSupport;

/** One thread's part in a {@link QueueHub}: a reactor's, or the control thread's. Owned by that thread. */
public final class QueueShare {
    private static final int SPINS = 100;
    private static final long PAUSE_NS = 20_000;

    private final QueueHub hub;
    private final int spare;
    private final ArrivalRing arrivals;
    /** Whether something was queued that the adapter has not been told of. */
    private boolean uncommitted;
    /** Whether the last poll looked into the adapter's queue, and did not find it taken. */
    private boolean looked;
    /** Whether the owner is about to sleep, and has to be woken for an arrival. */
    private volatile boolean asleep;

    /**
     * Joins.
     *
     * @param commands most that its owner queues
     * @param spare how many places it leaves to others
     */
    public QueueShare(QueueHub hub, int commands, int spare) {
        this.hub = hub;
        this.spare = spare;
        this.arrivals = new ArrivalRing(commands);
    }

    /** What it is a part of; any thread. */
    public QueueHub hub() {
        return hub;
    }

    /** As {@link ScsiHostQueue#queueCommand}; {@link ScsiHostQueue#BUSY} also while somebody else has the queue. */
    int queueCommand(ScsiCommand command) {
        boolean inside = hub.heldBy(this);
        if (!inside && !hub.tryEnter(this)) {
            return ScsiHostQueue.BUSY;
        }
        try {
            int taken = hub.queue(command, spare);
            uncommitted |= taken == ScsiHostQueue.QUEUED;
            return taken;
        } finally {
            if (!inside) {
                hub.leave();
            }
        }
    }

    /** As {@link ScsiHostQueue#commit}; later, while somebody else has the queue. */
    void commit() {
        if (uncommitted && hub.tryEnter(this)) {
            uncommitted = false;
            try {
                hub.port().commit();
            } finally {
                hub.leave();
            }
        }
    }

    /** As {@link ScsiHostQueue#poll}: hands over what others have found, and looks itself unless somebody does. */
    int poll(int budget) {
        int done = arrivals.deliver();
        looked = hub.tryEnter(this);
        if (looked) {
            // Registers may be gone: whoever has the queue next finds out, too, and nobody waits for it.
            try {
                done += hub.port().poll(budget);
                uncommitted = false;
                hub.port().commit();
            } finally {
                hub.leave();
            }
        }
        return done;
    }

    /** Hands over what others have found. */
    int deliver() {
        return arrivals.deliver();
    }

    /** A command of this share has come back, on the thread of whoever polls. */
    void route(Arrival arrival, ScsiCommand command) {
        hub.release(command);
        if (hub.heldBy(this)) {
            arrival.arrived();
        } else {
            arrivals.put(arrival);
            EventFd interrupt = hub.interrupt();
            if (asleep && interrupt != null) {
                // The adapter need not interrupt for what was taken already.
                interrupt.signal();
            }
        }
    }

    /**
     * Prepares for a sleep of the owner after a {@link #poll} that has found nothing: whatever comes from now on signals {@link
     * QueueHub#interrupt}. {@link #awake} ends that.
     *
     * @return false: the owner has to look again
     */
    boolean sleep() {
        if (hub.interrupt() == null || !looked || uncommitted) {
            return false;
        }
        asleep = true;
        if (arrivals.isEmpty()) {
            return true;
        }
        asleep = false;
        return false;
    }

    /** Ends what {@link #sleep} began. */
    void awake() {
        asleep = false;
    }

    /** Takes the queue, however long that takes; not on a reactor. {@link #leave} gives it back. */
    public void enter() {
        for (int tries = 0; !hub.tryEnter(this); tries++) {
            if (tries < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    /** Gives the queue back. */
    public void leave() {
        hub.leave();
    }

    /** Whether this share has the queue now. */
    public boolean holds() {
        return hub.heldBy(this);
    }
}
