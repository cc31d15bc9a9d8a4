package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.EndedException;
import dev.ringside.benchmarks.load.LoadRun;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Has SIGINT and SIGTERM end a load before its time, and the process when what came of it has been told. */
final class EarlyEnd {
    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private @Nullable Thread hook;
    private @Nullable LoadRun current;
    private boolean signalled;

    /**
     * A load that signals end from now on, in the place of the one before.
     *
     * @throws EndedException if one has come already
     */
    synchronized void end(LoadRun run) throws EndedException {
        if (signalled) {
            throw new EndedException();
        }
        current = run;
        if (hook == null) {
            hook = new Thread(this::signalled, "early-end");
            Runtime.getRuntime().addShutdownHook(hook);
        }
    }

    /** The command has ended, with a status: if a signal has come, the process ends with it. */
    void ended(int with) {
        Thread installed = hook;
        if (installed != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(installed);
            } catch (IllegalStateException e) {
                // The hook runs, and waits for this.
                status.complete(with);
            }
        }
    }

    /** Ends the load that runs, and lets none follow. Any thread. */
    synchronized void now() {
        signalled = true;
        if (current != null) {
            current.endEarly();
        }
    }

    private void signalled() {
        now();
        Runtime.getRuntime().halt(status.join());
    }
}
