package dev.ringside.env.reactor;

import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;

/**
 * A reactor with its thread, pinned to its core. Constructed, started and stopped by the control plane; everything else
 * goes through {@link #reactor}.
 */
public final class ReactorThread implements AutoCloseable {
    /** How long an adaptive reactor looks for more work before it sleeps: about the latency of a fast SSD. */
    private static final long SPIN_NS = 100_000;

    /** Turns without work for each look at the clock. */
    private static final int LOOKS = 16;

    private final ReactorLoop loop;
    private final IdleMode mode;
    private final Thread thread;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private volatile boolean stopping;
    private volatile int tid;

    private ReactorThread(int core, IdleMode mode, BiConsumer<String, Throwable> onFailure) throws LinuxException {
        this.loop = new ReactorLoop(core, onFailure, System.nanoTime());
        this.mode = mode;
        this.thread = new Thread(this::run, loop.name());
        thread.setDaemon(true);
    }

    /**
     * Starts a reactor and returns when its thread is pinned.
     *
     * @param onFailure told of a poller that threw; called on the reactor
     * @throws LinuxException if the core is not one this process may use, or descriptors ran out
     */
    public static ReactorThread start(int core, IdleMode mode, BiConsumer<String, Throwable> onFailure)
            throws LinuxException {
        ReactorThread reactor = new ReactorThread(core, mode, onFailure);
        reactor.thread.start();
        try {
            reactor.started.join();
        } catch (CompletionException e) {
            reactor.loop.close();
            if (e.getCause() instanceof LinuxException cause) {
                throw cause;
            }
            throw e;
        }
        return reactor;
    }

    /** The reactor that this thread runs. */
    public Reactor reactor() {
        return loop;
    }

    /** What the reactor did so far; any thread. */
    public CompletableFuture<ReactorStats> stats() {
        return loop.call(() -> loop.stats(tid, mode != IdleMode.POLL));
    }

    /** The longest turn of its loop since the last call of this, from which on the next is sought; any thread. */
    public CompletableFuture<LongestLoop> takeLongest() {
        return loop.call(loop::takeLongest);
    }

    /** Ends the loop after its current turn, waits for the thread, and frees what the reactor holds. */
    @Override
    public void close() {
        loop.execute(() -> stopping = true);
        ThreadEnd.await(thread);
        loop.close();
    }

    private void run() {
        try {
            CpuSet.pinCurrentThread(loop.core());
            tid = CpuSet.currentTid();
        } catch (LinuxException e) {
            started.completeExceptionally(e);
            return;
        }
        loop.adopt();
        started.complete(null);
        while (!stopping) {
            try {
                loop();
            } catch (InternalError e) {
                // Compiled code may report a fault only here, at the next safepoint poll after it.
                loop.memoryFault();
            }
        }
    }

    private void loop() {
        switch (mode) {
            case POLL -> spin();
            case ADAPTIVE -> sleepAfter(SPIN_NS);
            case INTERRUPT -> sleepAfter(0);
        }
    }

    private void spin() {
        while (!stopping) {
            if (loop.step(System.nanoTime()) == 0 && !lookAgain()) {
                Thread.onSpinWait();
            }
        }
    }

    private void sleepAfter(long spinNs) {
        long lastWork = System.nanoTime();
        while (!stopping) {
            long now = System.nanoTime();
            if (loop.step(now) > 0) {
                lastWork = now;
            } else if (now - lastWork >= spinNs) {
                loop.sleep();
            } else if (lookAgain()) {
                lastWork = now;
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** Whether there is work after all. */
    private boolean lookAgain() {
        for (int i = 1; i < LOOKS; i++) {
            if (loop.lookAgain() > 0) {
                return true;
            }
        }
        return false;
    }
}
