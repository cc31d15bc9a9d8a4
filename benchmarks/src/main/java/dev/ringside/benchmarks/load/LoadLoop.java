package dev.ringside.benchmarks.load;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/**
 * The measured loop of a queue. Runs on one thread, alone or in turn with others, and allocates nothing.
 *
 * <p>The time is read once for each batch that came back, and only after the next requests have been shown to the device:
 * reading it and keeping count cost nothing while the device works. A request's latency is therefore from the moment it was
 * shown to the moment its slot was in use again, which is a few nanoseconds more than it took.
 */
public final class LoadLoop {
    /** How long the device may take for a request, in ns. */
    static final long STUCK_NS = 20_000_000_000L;

    /** Nobody sets it. */
    private static final AtomicBoolean NEVER = new AtomicBoolean();

    /** Longest latency that is told apart, in ns. */
    private static final long MOST_NS = 100_000_000_000L;

    private static final long LONGEST_WAIT_NS = 100_000_000L;
    private static final int LOOKS_PER_CLOCK = 64;
    private static final VarHandle DONE;

    static {
        try {
            DONE = MethodHandles.lookup().findVarHandle(LoadLoop.class, "done", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LoadQueue queue;
    private final RequestPath path;
    private final double intervalNs;
    private final int batch;
    private final Histogram latency = new Histogram(1, MOST_NS, 3);
    private final long[] startedNs;
    private final int[] slots;

    /** Slots that are not in flight; only outside of the unlimited loop. */
    private final int[] free;

    private int freeCount;
    private double dueNs;
    /** When something came back or was started. */
    private long lastNs;

    /** Requests that came back in this phase; written by this thread, read by whoever shows progress. */
    private long done;

    private long phaseNs;

    /** A loop with all slots free. */
    public LoadLoop(LoadQueue queue, Workload workload) {
        this.queue = queue;
        this.path = queue.path();
        int depth = queue.depth();
        this.intervalNs = workload.rate() == 0 ? 0 : 1e9 * workload.queues() / workload.rate();
        this.batch = Math.max(1, depth / 2);
        this.startedNs = new long[depth];
        this.slots = new int[depth];
        this.free = new int[depth];
        for (int slot = 0; slot < depth; slot++) {
            free[slot] = depth - 1 - slot;
        }
        this.freeCount = depth;
    }

    /** Opens the way of the requests; on the thread of the loop, which is pinned to a core. */
    void open(int core) throws IOException {
        path.open(core);
    }

    /** Closes the way of the requests; on the thread of the loop. */
    void close() {
        path.close();
    }

    /** As {@link #run(LoadLoop[], long, AtomicBoolean)}, for all of the time. */
    static void run(LoadLoop[] loops, long durationNs) {
        run(loops, durationNs, NEVER);
    }

    /**
     * Keeps requests in flight on some queues for a time, and leaves them so.
     *
     * @param enough ends it before that
     * @throws IllegalStateException if a device stops answering or answers nonsense
     */
    static void run(LoadLoop[] loops, long durationNs, AtomicBoolean enough) {
        long start = System.nanoTime();
        for (LoadLoop loop : loops) {
            loop.begin(start);
        }
        long now = start;
        int looks = 0;
        while (now - start < durationNs && !enough.getOpaque()) {
            boolean moved = false;
            for (LoadLoop loop : loops) {
                if (loop.turn(start)) {
                    now = loop.lastNs;
                    moved = true;
                }
            }
            if (moved) {
                looks = 0;
                continue;
            }
            looks++;
            boolean clock = looks % LOOKS_PER_CLOCK == 0;
            for (LoadLoop loop : loops) {
                clock |= loop.path.await(loop.longestWait(start, now));
            }
            if (clock) {
                now = System.nanoTime();
                for (LoadLoop loop : loops) {
                    loop.requireAlive(now);
                }
            }
        }
        for (LoadLoop loop : loops) {
            loop.phaseNs = now - start;
        }
    }

    private void begin(long start) {
        latency.reset();
        DONE.setOpaque(this, 0L);
        dueNs = 0;
        lastNs = start;
        if (intervalNs == 0) {
            fill(start);
        }
    }

    private void fill(long now) {
        while (freeCount > 0) {
            int slot = free[--freeCount];
            queue.start(slot);
            startedNs[slot] = now;
        }
        path.publish();
    }

    /** Takes back what there is and starts what can be; returns whether there was anything, and it is {@link #lastNs}. */
    private boolean turn(long start) {
        if (intervalNs > 0) {
            return turnAtRate(start);
        }
        int count = turnOver();
        if (count == 0) {
            return false;
        }
        long now = System.nanoTime();
        account(count, now);
        lastNs = now;
        return true;
    }

    /** Takes back what there is, up to a batch, and starts the next request in each of these slots. */
    private int turnOver() {
        int count = 0;
        while (count < batch) {
            int slot = path.poll();
            if (slot == RequestPath.NONE) {
                break;
            }
            queue.finish(slot);
            queue.start(slot);
            slots[count++] = slot;
        }
        if (count > 0) {
            path.publish();
        }
        return count;
    }

    private void account(int count, long now) {
        for (int i = 0; i < count; i++) {
            int slot = slots[i];
            latency.recordValue(Math.min(now - startedNs[slot], MOST_NS));
            startedNs[slot] = now;
        }
        DONE.setOpaque(this, done + count);
    }

    /** Requests at a rate: each is due at a moment, and its latency counts from there, also if it could not begin then. */
    private boolean turnAtRate(long start) {
        boolean back = takeBack() > 0;
        long now = System.nanoTime();
        boolean moved = startDue(start, now) || back;
        // With nothing in flight, nothing can be late.
        if (moved || freeCount == slots.length) {
            lastNs = now;
        }
        return moved;
    }

    private long longestWait(long start, long now) {
        return freeCount > 0 && intervalNs > 0 ? start + (long) dueNs - now : LONGEST_WAIT_NS;
    }

    private boolean startDue(long start, long now) {
        boolean any = false;
        while (freeCount > 0 && dueNs <= now - start) {
            int slot = free[--freeCount];
            queue.start(slot);
            startedNs[slot] = start + (long) dueNs;
            dueNs += intervalNs;
            any = true;
        }
        if (any) {
            path.publish();
        }
        return any;
    }

    private int takeBack() {
        int count = 0;
        long now = 0;
        for (int slot = path.poll(); slot != RequestPath.NONE; slot = path.poll()) {
            queue.finish(slot);
            now = count++ == 0 ? System.nanoTime() : now;
            latency.recordValue(Math.clamp(now - startedNs[slot], 1, MOST_NS));
            free[freeCount++] = slot;
        }
        if (count > 0) {
            DONE.setOpaque(this, done + count);
        }
        return count;
    }

    /** Waits until nothing is in flight; what comes back is not counted. */
    void drain() {
        lastNs = System.nanoTime();
        int looks = 0;
        while (freeCount < slots.length) {
            looks = takeOne(looks);
        }
    }

    /** Takes back a request that is not counted, if there is one; returns how many looks in a row have found none. */
    private int takeOne(int looks) {
        int slot = path.poll();
        if (slot != RequestPath.NONE) {
            queue.finish(slot);
            free[freeCount++] = slot;
            lastNs = System.nanoTime();
            return 0;
        }
        int none = looks + 1;
        if (path.await(LONGEST_WAIT_NS) || none % LOOKS_PER_CLOCK == 0) {
            requireAlive(System.nanoTime());
        }
        return none;
    }

    /**
     * Writes each block of the range once, in order, with nothing else in flight.
     *
     * @param enough ends it before that
     */
    void writeAll(AtomicBoolean enough) {
        sweep(false, enough);
    }

    /** Reads back, and checks, each block that was written, with nothing else in flight. */
    void readBack() {
        sweep(true, NEVER);
    }

    private void sweep(boolean read, AtomicBoolean enough) {
        lastNs = System.nanoTime();
        int looks = 0;
        long block = queue.next(0, read);
        while (block >= 0 || freeCount < slots.length) {
            int before = freeCount;
            while (block >= 0 && freeCount > 0) {
                queue.start(free[--freeCount], block, read);
                block = enough.getOpaque() ? -1 : queue.next(block + 1, read);
            }
            if (freeCount < before) {
                path.publish();
            }
            looks = takeOne(looks);
        }
    }

    private void requireAlive(long now) {
        if (now - lastNs > STUCK_NS) {
            throw new IllegalStateException("the back end has not completed a request for " + STUCK_NS / 1_000_000_000L
                    + " s, " + (slots.length - freeCount) + " are in flight");
        }
    }

    /** Latencies of this phase, in ns; not while it runs. */
    Histogram latency() {
        return latency;
    }

    /** Requests that have come back in this phase; any thread. */
    long done() {
        return (long) DONE.getOpaque(this);
    }

    /** How long the phase took, in ns; not while it runs. */
    long phaseNs() {
        return phaseNs;
    }

    /** The requests. */
    LoadQueue queue() {
        return queue;
    }
}
