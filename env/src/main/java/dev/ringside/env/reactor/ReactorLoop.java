package dev.ringside.env.reactor;

import dev.ringside.env.linux.Epoll;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.MemoryFault;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A reactor without a thread of its own: whoever constructed it calls {@link #step} and {@link #sleep}, always from one
 * thread. {@link ReactorThread} is that thread in the daemon; tests step by hand.
 */
public final class ReactorLoop implements Reactor, AutoCloseable {
    private static final int MESSAGES_PER_TURN = 16;
    private static final int MAX_EVENTS = 64;
    private static final long FOREVER = -1;

    private final int core;
    private final String name;
    private final BiConsumer<String, Throwable> onFailure;
    private final ConcurrentLinkedQueue<Runnable> messages = new ConcurrentLinkedQueue<>();
    private final EventFd wake;
    private final Epoll epoll;
    private final long startNs;

    private PollerSlot[] active = {};
    private PollerSlot[] timed = {};
    private long nextId = 1;
    private long nextDueNs;
    private long nowNs;
    private long busyNs;
    private long idleNs;
    private boolean turnWasBusy;
    private int messagesRun;
    private final LoopWatch watch = new LoopWatch();
    /** When the turn began after which it slept last. */
    private long sleptAfterNs;

    private long sleeps;
    private @Nullable Thread owner;
    private volatile boolean sleeping;

    /**
     * Makes a reactor whose owner is the first thread that steps it.
     *
     * @param onFailure told the name of a poller that threw, and what; the poller is removed. Called on the reactor
     * @param nowNs the present time
     * @throws LinuxException if the kernel gives no eventfd or epoll
     */
    public ReactorLoop(int core, BiConsumer<String, Throwable> onFailure, long nowNs) throws LinuxException {
        this.core = core;
        this.name = "reactor_" + core;
        this.onFailure = onFailure;
        this.wake = EventFd.create();
        this.epoll = Epoll.create(MAX_EVENTS);
        epoll.add(wake.number(), Epoll.IN, 0);
        this.startNs = nowNs;
        this.nowNs = nowNs;
        this.sleptAfterNs = nowNs;
    }

    @Override
    public int core() {
        return core;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean inReactor() {
        return Thread.currentThread() == owner;
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    @Override
    public Registration register(String pollerName, Poller poller) {
        PollerSlot slot = new PollerSlot(this, pollerName, nextId++, poller, 0, 0);
        active = with(active, slot);
        return () -> remove(slot);
    }

    @Override
    public Registration registerTimed(String pollerName, Poller poller, long periodNs) {
        if (periodNs < 1) {
            throw new IllegalArgumentException("period " + periodNs + " ns: at least 1 is allowed");
        }
        PollerSlot slot = new PollerSlot(this, pollerName, nextId++, poller, periodNs, nowNs + periodNs);
        timed = with(timed, slot);
        nextDueNs = earliestDue();
        return () -> remove(slot);
    }

    @Override
    public Registration watch(int fd) throws LinuxException {
        epoll.add(fd, Epoll.IN | Epoll.EDGE, fd);
        return new Watch(fd);
    }

    @Override
    public void execute(Runnable control) {
        messages.add(control);
        if (sleeping) {
            wake.signal();
        }
    }

    /** Makes the calling thread the owner, before the first step; {@link #inReactor} is true for it from then on. */
    public void adopt() {
        owner = Thread.currentThread();
    }

    /**
     * One turn: messages, then every poller, then the timed pollers that are due.
     *
     * @return the work done by messages and pollers; timed pollers do not count, so that they keep nothing awake
     */
    public int step(long now) {
        accountLastTurn(now);
        nowNs = now;
        return turn();
    }

    /**
     * Another turn at the time of the last {@link #step}, which has found no work: to read the clock takes as long as a few
     * such turns, and is a delay to a request that arrives meanwhile.
     *
     * @return as {@link #step}
     */
    public int lookAgain() {
        return turn();
    }

    private int turn() {
        try {
            return turn(nowNs);
        } catch (InternalError e) {
            memoryFault();
            return 1;
        }
    }

    private int turn(long now) {
        int work = runMessages();
        messagesRun = work;
        PollerSlot[] turn = active;
        for (PollerSlot slot : turn) {
            if (!slot.removed) {
                work += run(slot, now);
            }
        }
        int timedWork = 0;
        if (timed.length > 0 && now - nextDueNs >= 0) {
            timedWork = runTimed(now);
        }
        turnWasBusy = work + timedWork > 0;
        return work;
    }

    /** Lets the pollers find out whose memory it was; see {@link Poller#memoryFault}. */
    void memoryFault() {
        for (PollerSlot slot : active) {
            slot.poller.memoryFault();
        }
    }

    /**
     * Sleeps until a watched descriptor is ready, a message comes or a timed poller is due, if every poller agrees.
     * Called after a {@link #step} that found no work, so that the time counts as idle.
     *
     * @return whether it slept
     */
    public boolean sleep() {
        PollerSlot[] turn = active;
        int armed = 0;
        while (armed < turn.length && arm(turn[armed])) {
            armed++;
        }
        boolean slept = false;
        if (armed == turn.length) {
            sleeping = true;
            try {
                if (messages.isEmpty()) {
                    awaitEvent();
                    slept = true;
                    sleptAfterNs = nowNs;
                    sleeps++;
                }
            } finally {
                sleeping = false;
            }
        }
        for (int i = 0; i < armed; i++) {
            disarm(turn[i]);
        }
        return slept;
    }

    /** What the reactor did so far. */
    public ReactorStats stats(int tid, boolean interruptMode) {
        return new ReactorStats(
                name,
                core,
                tid,
                interruptMode,
                busyNs,
                idleNs,
                sleeps,
                nowNs - startNs,
                statsOf(active),
                statsOf(timed));
    }

    /** Gives the descriptors back; the loop must have ended. */
    @Override
    public void close() {
        epoll.close();
        wake.close();
    }

    private void accountLastTurn(long now) {
        if (turnWasBusy) {
            busyNs += now - nowNs;
        } else {
            idleNs += now - nowNs;
        }
        if (now - nowNs > watch.thresholdNs() && sleptAfterNs != nowNs) {
            watch.note(nowNs, now, messagesRun, active, timed);
        }
    }

    /** The longest turn since the last call of this. */
    public LongestLoop takeLongest() {
        return watch.take();
    }

    private void awaitEvent() {
        int ready = epoll.await(longestSleepNs());
        for (int i = 0; i < ready; i++) {
            if (epoll.token(i) == 0) {
                wake.drain();
            }
        }
    }

    /** Until the first timed poller, or the first poller that has said when, has work to do. */
    private long longestSleepNs() {
        long now = System.nanoTime();
        long longest = timed.length > 0 ? Math.max(0, nextDueNs - now) : Long.MAX_VALUE;
        for (PollerSlot slot : active) {
            longest = Math.min(longest, slot.poller.longestSleepNs(now));
        }
        return longest == Long.MAX_VALUE ? FOREVER : longest;
    }

    private int runMessages() {
        int done = 0;
        while (done < MESSAGES_PER_TURN) {
            Runnable message = messages.poll();
            if (message == null) {
                break;
            }
            try {
                message.run();
                MemoryFault.settle();
            } catch (InternalError e) {
                memoryFault();
            } catch (RuntimeException | Error e) {
                onFailure.accept("message", e);
            }
            done++;
        }
        return done;
    }

    private int run(PollerSlot slot, long now) {
        try {
            int work = slot.run(now);
            MemoryFault.settle();
            return work;
        } catch (RuntimeException | Error e) {
            threw(slot, e);
            return 1;
        }
    }

    /** A poller that throws is not asked any more, unless it was memory that was not there. */
    private void threw(PollerSlot slot, Throwable thrown) {
        if (thrown instanceof InternalError) {
            memoryFault();
        } else {
            remove(slot);
            onFailure.accept(slot.name, thrown);
        }
    }

    private boolean arm(PollerSlot slot) {
        try {
            return slot.poller.arm();
        } catch (RuntimeException | Error e) {
            threw(slot, e);
        }
        return false;
    }

    private void disarm(PollerSlot slot) {
        try {
            slot.poller.disarm();
        } catch (RuntimeException | Error e) {
            threw(slot, e);
        }
    }

    private int runTimed(long now) {
        int work = 0;
        PollerSlot[] turn = timed;
        for (PollerSlot slot : turn) {
            if (!slot.removed && now - slot.dueNs >= 0) {
                slot.dueNs = now + slot.periodNs;
                work += run(slot, now);
            }
        }
        nextDueNs = earliestDue();
        return work;
    }

    private long earliestDue() {
        long earliest = nowNs + Long.MAX_VALUE / 2;
        for (PollerSlot slot : timed) {
            if (slot.dueNs - earliest < 0) {
                earliest = slot.dueNs;
            }
        }
        return earliest;
    }

    private void remove(PollerSlot slot) {
        if (!slot.removed) {
            slot.removed = true;
            active = without(active, slot);
            timed = without(timed, slot);
        }
    }

    private static PollerSlot[] with(PollerSlot[] slots, PollerSlot added) {
        PollerSlot[] longer = Arrays.copyOf(slots, slots.length + 1);
        longer[slots.length] = added;
        return longer;
    }

    private static PollerSlot[] without(PollerSlot[] slots, PollerSlot removed) {
        return Arrays.stream(slots).filter(slot -> slot != removed).toArray(PollerSlot[]::new);
    }

    private static List<PollerStats> statsOf(PollerSlot[] slots) {
        return Arrays.stream(slots).map(PollerSlot::stats).toList();
    }

    private final class Watch implements Registration {
        private final int fd;
        private boolean closed;

        Watch(int fd) {
            this.fd = fd;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                try {
                    epoll.remove(fd);
                } catch (LinuxException e) {
                    throw new IllegalStateException("descriptor " + fd + " was closed while it was watched", e);
                }
            }
        }
    }
}
