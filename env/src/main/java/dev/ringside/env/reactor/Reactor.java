package dev.ringside.env.reactor;

import dev.ringside.env.linux.LinuxException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** One thread on one core that runs pollers. Unless a method says otherwise, only the reactor's own thread may call it. */
public interface Reactor {

    /** The core that this reactor is pinned to; any thread. */
    int core();

    /** The name that operators see, for example {@code reactor_0}; any thread. */
    String name();

    /** Whether the calling thread is this reactor's; any thread. */
    boolean inReactor();

    /** The time of the current turn of the loop, in ns of {@link System#nanoTime}; as coarse as a turn is long. */
    long nowNs();

    /** Adds a poller that runs on every turn. */
    Registration register(String name, Poller poller);

    /**
     * Adds a poller that runs when its period has passed. It does not keep the reactor awake; its {@link Poller#arm} is
     * not called.
     *
     * @param periodNs at least 1
     */
    Registration registerTimed(String name, Poller poller, long periodNs);

    /**
     * Lets a descriptor's readiness to read end a sleep. The descriptor is watched edge-triggered: the reactor never
     * reads it.
     *
     * @throws LinuxException if the descriptor cannot be watched (a regular file: EPERM)
     */
    Registration watch(int fd) throws LinuxException;

    /** Runs a piece of control work on the reactor, in the order of the calls; any thread. The work must not throw. */
    void execute(Runnable control);

    /**
     * Runs a piece of control work on the reactor and hands out its result; any thread. Called on the reactor itself it
     * runs at once, so that waiting for the result can never be waiting for oneself.
     */
    default <T> CompletableFuture<T> call(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable run = () -> {
            try {
                result.complete(work.call());
            } catch (Exception | Error e) {
                result.completeExceptionally(e);
            }
        };
        if (inReactor()) {
            run.run();
        } else {
            execute(run);
        }
        return result;
    }
}
