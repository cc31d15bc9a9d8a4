package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.nvme.queue.Tracker.Patience;
import dev.ringside.bdev.nvme.spec.StatusCode;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import org.jspecify.annotations.Nullable;

/**
 * A submission and a completion queue, and the commands in them, for all namespaces of a controller on one reactor. What
 * is not said to be for any thread belongs to the reactor.
 */
public final class IoQueuePair implements QueuePair, Poller {
    private static final int COMPLETIONS_PER_TURN = 128;

    private enum State {
        /** The controller does not know the queues yet, or is being reset. */
        STOPPED,
        LIVE,
        /** Everything fails with a status. */
        DEAD,
        CLOSED
    }

    private final int id;
    private final Reactor reactor;
    private final QueueSettings settings;
    private final QueueEvents events;
    private final DmaPool pool;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final Tracker[] trackers;
    private final int[] free;
    private final QueueCounters counters = new QueueCounters();
    private final DataMapper mapper;
    private final @Nullable Registration watch;
    private final Registration poller;

    private State state = State.STOPPED;
    private int deadStatus = IoStatus.NO_DEVICE;
    private int freeCount;
    private int delayed;
    private int users;
    private boolean polling;
    private boolean starving;
    private volatile boolean closed;

    /**
     * Takes the memory for a pair that the controller does not know yet, and lets the reactor poll it.
     *
     * @param id of both queues, at least 1
     * @param interrupt signalled at the end of commands; null: nobody tells
     * @throws LinuxException ENOMEM
     */
    public IoQueuePair(
            int id,
            Reactor reactor,
            QueueSettings settings,
            DmaSpace dma,
            @Nullable EventFd interrupt,
            QueueEvents events)
            throws LinuxException {
        this.id = id;
        this.reactor = reactor;
        this.settings = settings;
        this.events = events;
        QueueMemory memory = new QueueMemory(id, settings, dma);
        this.pool = memory.pool;
        this.submissions = memory.submissions;
        this.completions = memory.completions;
        this.trackers = memory.trackers;
        this.mapper = new DataMapper(dma, memory, counters);
        this.freeCount = trackers.length;
        this.free = new int[freeCount];
        for (int i = 0; i < freeCount; i++) {
            free[i] = freeCount - 1 - i;
        }
        try {
            this.watch = interrupt == null ? null : reactor.watch(interrupt.number());
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
        this.poller = reactor.register("nvme queues " + id, this);
    }

    @Override
    public int id() {
        return id;
    }

    /** Whose they are; any thread. */
    public Reactor reactor() {
        return reactor;
    }

    @Override
    public int entries() {
        return settings.entries();
    }

    @Override
    public long submissionIova() {
        return submissions.iova();
    }

    @Override
    public long completionIova() {
        return completions.iova();
    }

    @Override
    public boolean interrupts() {
        return watch != null;
    }

    /** Commands that have not ended, at about this time; any thread. */
    public int inFlight() {
        return (int) counters.get(QueueCounters.IN_FLIGHT);
    }

    /** Whether the last user has left; any thread. */
    public boolean isClosed() {
        return closed;
    }

    /** What was done so far; any thread. */
    public QueueStats stats() {
        return counters.stats();
    }

    /** Makes buffers for copies; any thread. */
    public void feed(int bytes, int count) throws LinuxException {
        pool.reserve(bytes, count);
    }

    /** The memory of the pair; any thread. It is closed when the controller has forgotten the queues. */
    public DmaPool pool() {
        return pool;
    }

    /** Has one user more. */
    void join() {
        users++;
    }

    /** Has one user less; with the last one the pair goes, when it is not in use further up the stack. */
    void leave() {
        users--;
        if (!polling) {
            closeIfUnused();
        }
    }

    /** The controller knows the queues and finds them empty: what was in flight before is given to it again. */
    public void start() {
        if (state != State.STOPPED) {
            return;
        }
        state = State.LIVE;
        polling = true;
        for (Tracker tracker : trackers) {
            if (tracker.posted()) {
                startAgain(tracker);
            }
        }
        polling = false;
        closeIfUnused();
        flush();
    }

    /** The controller is about to be reset: it is given nothing, and what it does is not looked at. What failed waits, too. */
    public void stop() {
        if (state != State.CLOSED) {
            state = State.STOPPED;
        }
    }

    /** The controller was reset and has forgotten the queues: empties them. In flight stays what was. */
    public void clear() {
        if (state != State.CLOSED) {
            submissions.clear();
            completions.clear();
        }
    }

    /** The controller does nothing any more: everything in flight ends with a status, and so does what comes. */
    public void fail(int status) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.DEAD;
        deadStatus = status;
        polling = true;
        for (Tracker tracker : trackers) {
            if (tracker.busy()) {
                end(tracker, status);
            }
        }
        polling = false;
        closeIfUnused();
    }

    /** Looks for commands that take too long. */
    public void checkTimeouts(long nowNs) {
        if (state != State.LIVE) {
            return;
        }
        for (Tracker tracker : trackers) {
            if (tracker.posted()) {
                long age = nowNs - tracker.timeNs;
                if (tracker.patience == Patience.WAITING && age > settings.timeoutNs()) {
                    tracker.patience = Patience.ABORTING;
                    counters.increment(QueueCounters.TIMEOUTS);
                    events.abort(this, tracker.id);
                } else if (tracker.patience == Patience.ABORTING && age > 2 * settings.timeoutNs()) {
                    tracker.patience = Patience.RESETTING;
                    events.stuck(this);
                }
            }
        }
    }

    /** There are more buffers for copies. */
    public void fed() {
        starving = false;
    }

    /** Takes a request; false if there is no room for it now. */
    boolean submit(NamespaceChannel channel, BdevIo io) {
        if (state == State.DEAD) {
            return endAtOnce(channel, io, deadStatus);
        }
        int count = freeCount;
        if (count == 0) {
            return false;
        }
        Tracker tracker = trackers[free[count - 1]];
        int status = mapper.map(tracker, io);
        if (status != IoStatus.OK) {
            return status == DataMapper.NO_BUFFER ? starved(io) : endAtOnce(channel, io, status);
        }
        freeCount = count - 1;
        counters.set(QueueCounters.IN_FLIGHT, trackers.length - freeCount);
        tracker.begin(channel, io);
        if (state == State.LIVE) {
            post(tracker);
        } else {
            // It goes with the start.
            tracker.kept = true;
        }
        return true;
    }

    /** Tells the controller of what was submitted. */
    void flush() {
        if (state == State.LIVE) {
            submissions.ring();
        }
    }

    @Override
    public int poll(long nowNs) {
        if (state != State.LIVE) {
            return 0;
        }
        polling = true;
        int done;
        try {
            if (delayed > 0) {
                retryDelayed(nowNs);
            }
            done = reap();
        } finally {
            polling = false;
        }
        closeIfUnused();
        flush();
        return done;
    }

    @Override
    public boolean arm() {
        if (state != State.LIVE) {
            return true;
        }
        if (watch == null || delayed > 0) {
            // Nobody would end the sleep.
            return freeCount == trackers.length;
        }
        return !completions.ready() && !submissions.pending();
    }

    private int reap() {
        CompletionQueue queue = completions;
        int done = 0;
        while (done < COMPLETIONS_PER_TURN && queue.ready()) {
            int command = queue.commandId();
            int status = queue.status();
            queue.advance();
            done++;
            if (command >= trackers.length || !trackers[command].posted()) {
                counters.increment(QueueCounters.STRAYS);
            } else if ((status & StatusCode.CODE_MASK) == StatusCode.SUCCESS) {
                end(trackers[command], IoStatus.OK);
            } else {
                failed(trackers[command], status);
            }
        }
        if (done > 0) {
            queue.ring();
        }
        return done;
    }

    private void failed(Tracker tracker, int status) {
        // What we aborted ourselves has not failed: it took too long.
        boolean again = StatusCode.retryable(status) || tracker.patience != Patience.WAITING;
        if (!again || tracker.retries >= settings.retries()) {
            counters.increment(QueueCounters.FAILED);
            end(tracker, StatusCode.toIoStatus(status));
            return;
        }
        tracker.retries++;
        int delay = StatusCode.retryDelay(status);
        if (delay == 0) {
            counters.increment(QueueCounters.RETRIED);
            post(tracker);
        } else {
            tracker.delayed = true;
            tracker.timeNs = reactor.nowNs() + settings.retryDelayNs(delay);
            delayed++;
        }
    }

    private void retryDelayed(long nowNs) {
        for (Tracker tracker : trackers) {
            if (tracker.delayed && nowNs - tracker.timeNs >= 0) {
                tracker.delayed = false;
                delayed--;
                counters.increment(QueueCounters.RETRIED);
                post(tracker);
            }
        }
    }

    /** After a reset. The commands that made it necessary are not tried for ever; the others are not to blame. */
    private void startAgain(Tracker tracker) {
        if (tracker.patience == Patience.RESETTING && ++tracker.retries > settings.retries()) {
            counters.increment(QueueCounters.FAILED);
            end(tracker, IoStatus.IO_ERROR);
        } else {
            if (!tracker.kept) {
                counters.increment(QueueCounters.RETRIED);
            }
            post(tracker);
        }
    }

    private void post(Tracker tracker) {
        tracker.timeNs = reactor.nowNs();
        tracker.patience = Patience.WAITING;
        tracker.kept = false;
        counters.increment(QueueCounters.COMMANDS);
        NvmCommand.put(submissions, tracker);
    }

    private void end(Tracker tracker, int status) {
        BdevIo io = tracker.io();
        NamespaceChannel channel = tracker.channel();
        int result = mapper.unmap(tracker, status);
        if (tracker.delayed) {
            tracker.delayed = false;
            delayed--;
        }
        tracker.end();
        free[freeCount++] = tracker.id;
        counters.set(QueueCounters.IN_FLIGHT, trackers.length - freeCount);
        channel.done(io, result);
    }

    private static boolean endAtOnce(NamespaceChannel channel, BdevIo io, int status) {
        channel.done(io, status);
        return true;
    }

    private boolean starved(BdevIo io) {
        if (!starving) {
            starving = true;
            events.starved(this, (int) io.data().bytes());
        }
        return false;
    }

    private void closeIfUnused() {
        if (users == 0 && state != State.CLOSED) {
            state = State.CLOSED;
            closed = true;
            poller.close();
            if (watch != null) {
                watch.close();
            }
            events.unused(this);
        }
    }
}
