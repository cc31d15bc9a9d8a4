package dev.ringside.vhost.session;

import dev.ringside.bdev.latency.Spans;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.MemoryFault;
import dev.ringside.env.reactor.Poller;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.GuestRegion;
import dev.ringside.vhost.memory.MemoryCursor;
import dev.ringside.vhost.queue.ChainHandler;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.QueueTimes;
import dev.ringside.vhost.queue.RingParts;
import dev.ringside.vhost.queue.Virtqueue;
import dev.ringside.vhost.queue.WriteLog;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Serves one running ring. Owned by its reactor. */
final class QueueWorker implements Poller {
    /** Most requests that are taken in one turn, so that the other queues of the reactor have theirs. */
    private static final int BUDGET = 64;

    /**
     * Bytes that are moved before what was done is published: the driver would wait for the first of a batch as long as
     * the whole batch takes.
     */
    private static final long PUBLISH_BYTES = 64 << 10;

    private final Virtqueue queue;
    private final DeviceQueue device;
    private boolean kicked;
    private final Consumer<QueueError> onBroken;
    private final InflightRegions inflight;
    private final CallDelay calls;
    private GuestMemory memory;
    private @Nullable EventFd call;
    private @Nullable EventFd error;
    private boolean enabled;
    /** Whether the memory map of now has a place for the ring. */
    private boolean placed = true;

    private int reported = Virtqueue.OK;
    private @Nullable CompletableFuture<Integer> stopping;
    private boolean enabledBeforePause;
    /** What is wrong on purpose; null: nothing. */
    private @Nullable RingFaults faults;

    /**
     * Makes a worker for a ring that is attached, whose memory is there.
     *
     * @param inflight whose memory it looks at when some is gone
     * @param pace of the calls to the driver
     * @param kicked whether a watched descriptor tells of new requests; otherwise they are polled for
     * @param onBroken told when the queue breaks; on the reactor
     */
    QueueWorker(
            Virtqueue queue,
            DeviceQueue device,
            GuestMemory memory,
            InflightRegions inflight,
            CallPace pace,
            boolean kicked,
            boolean enabled,
            Consumer<QueueError> onBroken) {
        this.queue = queue;
        this.device = device;
        this.memory = memory;
        this.inflight = inflight;
        this.calls = new CallDelay(pace);
        this.kicked = kicked;
        this.enabled = enabled;
        this.onBroken = onBroken;
        queue.disableKicks();
        MemoryFault.settle();
    }

    @Override
    public int poll(long nowNs) {
        int work;
        try {
            work = take(nowNs);
            // What comes now is the disk's, too, and none of its books may be left half done.
            MemoryFault.settle();
        } catch (InternalError e) {
            // Its own, see MemoryFault, even if the file is as long as ever by now: what was being done is lost.
            queue.fail(QueueError.MEMORY_GONE.code());
            work = 1;
        }
        try {
            // Where memory is gone the queue may have ended already: what was not started then never is.
            while (!gone() && device.start(PUBLISH_BYTES) && !gone()) {
                work += publish(nowNs);
            }
            device.flush();
        } finally {
            // A fault in there is of registers of the disk's device, and not the driver's.
            work += gone() ? 0 : publish(nowNs);
            tell();
        }
        return work;
    }

    /** Takes requests out of the ring. */
    private int take(long nowNs) {
        QueueTimes times = queue.times();
        ChainHandler handler = times == null ? device : times.look();
        int work = 0;
        if (open() || stopping != null) {
            work = queue.resubmit(BUDGET, handler);
        }
        // New requests come after those that a predecessor had in flight.
        if (takes(nowNs) && work < BUDGET) {
            work += queue.drain(Math.min(BUDGET, device.demand()), handler);
        }
        if (times != null) {
            times.looked();
        }
        return work;
    }

    private void tell() {
        if (queue.error() != reported) {
            reportBroken();
        }
        if (stopping != null && ended()) {
            stopping.complete(queue.base());
        }
    }

    private boolean takes(long nowNs) {
        RingFaults wrong = faults;
        if (wrong != null) {
            wrong.look(nowNs);
        }
        return open() && !stalled();
    }

    private boolean open() {
        return enabled && placed;
    }

    private boolean stalled() {
        return faults != null && faults.stalled();
    }

    private boolean gone() {
        return queue.error() == QueueError.MEMORY_GONE.code();
    }

    /** Whether no request is in flight; of a broken queue one may be lost, which was being started when memory vanished. */
    private boolean ended() {
        return queue.inFlight() == 0 || (queue.error() != Virtqueue.OK && device.outstanding() == 0);
    }

    @Override
    public boolean arm() {
        if (!device.canSleep() || calls.owes()) {
            return false;
        }
        if (queue.awaitsRoom() && (open() || stopping != null)) {
            return false;
        }
        if (!open() || stalled() || queue.error() != Virtqueue.OK || device.demand() == 0) {
            return true;
        }
        if (!kicked) {
            return false;
        }
        boolean late = queue.enableKicks();
        MemoryFault.settle();
        if (late) {
            // Nobody disarms a poller that refused.
            queue.disableKicks();
            MemoryFault.settle();
            return false;
        }
        return true;
    }

    @Override
    public long longestSleepNs(long nowNs) {
        return faults == null ? Long.MAX_VALUE : faults.longestSleepNs(nowNs);
    }

    @Override
    public void disarm() {
        if (enabled && queue.error() == Virtqueue.OK) {
            queue.disableKicks();
            MemoryFault.settle();
        }
        QueueTimes times = queue.times();
        if (times != null) {
            times.woken();
        }
    }

    @Override
    public void memoryFault() {
        if (!memory.regions().stream().allMatch(GuestRegion::present) || !inflight.present()) {
            queue.fail(QueueError.MEMORY_GONE.code());
        }
    }

    /** Takes no more requests, and tells the ring's base when those in flight have ended. */
    void stop(CompletableFuture<Integer> stopped) {
        enabled = false;
        stopping = stopped;
    }

    /**
     * As {@link #stop}, but leaves what can be left of what is in flight in the in-flight region, for whoever serves the ring
     * next; all of it ends if there is no region.
     */
    void suspend(CompletableFuture<Integer> stopped) {
        stop(stopped);
        if (queue.tracks()) {
            queue.suspendRecovered();
            device.suspend();
        }
    }

    /** Whether requests were left in the in-flight region. */
    boolean leavesRequests() {
        return queue.leavesRequests();
    }

    /** As {@link #stop}, until {@link #resume}. */
    void pause(CompletableFuture<Integer> paused) {
        enabledBeforePause = enabled;
        stop(paused);
    }

    /** Goes on after a pause. */
    void resume() {
        stopping = null;
        enabled = enabledBeforePause;
    }

    /** Says whether a successor begins the ring anew, or where the in-flight region says; nothing is in flight. */
    void letBeginAnew(boolean anew) {
        try {
            queue.stopped(anew);
            MemoryFault.settle();
        } catch (InternalError e) {
            // Where the region is gone there is nothing that a successor could begin with; it must not begin with half
            // of it.
            if (inflight.present()) {
                queue.fail(QueueError.MEMORY_GONE.code());
            }
        }
    }

    /** Takes requests, or leaves them in the ring. */
    void enable(boolean on) {
        enabled = on && stopping == null;
    }

    /** Says whether a watched descriptor tells of new requests. */
    void useKicks(boolean watched) {
        kicked = watched;
    }

    /** Signals to another descriptor from now on, at once: what was published before may have gone to the old one only. */
    void useCall(@Nullable EventFd next) {
        close(call);
        call = next;
        if (next != null) {
            next.signal();
        }
    }

    /** Tells of a broken queue on another descriptor from now on. */
    void useError(@Nullable EventFd next) {
        close(error);
        error = next;
    }

    /** Goes on with another memory map; requests in flight keep theirs. */
    void useMemory(GuestMemory next, RingParts parts) {
        queue.remap(parts, new MemoryCursor(next));
        memory = next;
        placed = true;
    }

    /** Takes no more requests until the next map: this one has no place for the ring. Those in flight end where they began. */
    void losePlace() {
        placed = false;
    }

    /** Has other things wrong on purpose from now on; null: nothing. */
    void useFaults(@Nullable RingFaults next) {
        faults = next;
    }

    /** Logs what the queue writes from now on; null: does not. */
    void useLog(@Nullable WriteLog log) {
        queue.useLog(log);
    }

    /** Breaks the queue, as it was broken in another process. */
    void fail(QueueError cause) {
        queue.fail(cause.code());
    }

    /** What broke the queue, as the code of a {@link QueueError}; {@link Virtqueue#OK} if it is whole and has a place. */
    int error() {
        return placed || queue.error() != Virtqueue.OK ? queue.error() : QueueError.BAD_ADDRESS.code();
    }

    /** Requests taken and not yet ended. */
    int inFlight() {
        return queue.inFlight();
    }

    /** Looks whether the disk behind the queue is timed; returns whether it is. */
    boolean followTimes() {
        device.followTimes();
        return queue.times() != null;
    }

    /** Adds what was measured, if requests are timed; returns whether they are. */
    boolean addTimes(Spans sum) {
        QueueTimes times = queue.times();
        if (times != null) {
            sum.add(times.spans());
        }
        return times != null;
    }

    /** Frees what the worker holds; it is stopped and no longer polled. */
    void close() {
        try {
            device.close();
        } finally {
            queue.close();
            close(call);
            close(error);
        }
    }

    private int publish(long nowNs) {
        int completed = queue.unpublished();
        RingFaults wrong = faults;
        if (wrong != null && stopping == null && wrong.holds(completed, nowNs)) {
            return 0;
        }
        boolean wanted;
        try {
            wanted = queue.publish();
            MemoryFault.settle();
        } catch (InternalError e) {
            queue.fail(QueueError.MEMORY_GONE.code());
            return 1;
        }
        boolean due = calls.due(wanted, completed, nowNs) || (wrong != null && wrong.calls(nowNs));
        // Whoever serves the ring next does not know of a call that is held back.
        if (due || (stopping != null && calls.take())) {
            EventFd to = call;
            if (to != null) {
                to.signal();
            }
        }
        QueueTimes times = queue.times();
        if (times != null) {
            times.published();
        }
        return completed;
    }

    private void reportBroken() {
        reported = queue.error();
        EventFd to = error;
        if (to != null) {
            to.signal();
        }
        onBroken.accept(QueueError.of(queue.error()));
    }

    private static void close(@Nullable EventFd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
