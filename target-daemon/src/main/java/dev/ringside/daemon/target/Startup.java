package dev.ringside.daemon.target;

import dev.ringside.daemon.config.ConfigEntry;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The step from the startup state to the runtime: opens the runtime methods and replays the configuration. Any thread. */
public final class Startup {
    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

    private final MethodRegistry methods;
    private final StopSignal stop;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private List<ConfigEntry> config = List.of();
    private Ending ending = () -> {};
    private boolean begun;

    /** Makes one that has not begun. */
    public Startup(MethodRegistry methods, StopSignal stop) {
        this.methods = methods;
        this.stop = stop;
    }

    /** What remains to be done when the configuration has been replayed. */
    @FunctionalInterface
    public interface Ending {
        /**
         * Does it.
         *
         * @throws StartException if it cannot be done; the daemon is to stop then
         */
        void run() throws StartException;
    }

    /** Says what is to be replayed, and what to do then; before it begins. */
    public synchronized void prepare(List<ConfigEntry> entries, Ending afterwards) {
        config = List.copyOf(entries);
        ending = afterwards;
    }

    /**
     * Begins, and ends when the configuration has been replayed.
     *
     * @throws StartException naming the entry that failed; the daemon is to stop then, and is told so
     */
    public void run() throws StartException {
        List<ConfigEntry> entries;
        Ending afterwards;
        synchronized (this) {
            if (begun) {
                throw new StartException("the start has begun already");
            }
            begun = true;
            entries = config;
            afterwards = ending;
        }
        methods.enter(FrameworkState.RUNTIME);
        try {
            for (ConfigEntry entry : entries) {
                check(entry);
            }
            for (ConfigEntry entry : entries) {
                replay(entry);
            }
            afterwards.run();
            done.complete(null);
        } catch (StartException e) {
            done.completeExceptionally(e);
            stop.fail(e.getMessage());
            throw e;
        }
    }

    /**
     * Waits until the daemon is in the runtime state and has replayed its configuration.
     *
     * @throws StartException if it never will
     */
    public void await() throws StartException {
        try {
            done.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StartException cause ? cause : new StartException("the start failed", e);
        }
    }

    /** Ends all waits, since the daemon stops. */
    public void cancel() {
        done.completeExceptionally(new StartException("the daemon is stopping"));
    }

    private void check(ConfigEntry entry) throws StartException {
        try {
            methods.check(entry.method(), entry.params());
        } catch (RpcException e) {
            throw failed(entry, e);
        }
    }

    private static StartException failed(ConfigEntry entry, RpcException e) {
        return new StartException(entry.describe() + " failed: " + e.getMessage(), e);
    }

    private void replay(ConfigEntry entry) throws StartException {
        if (stop.isAsked()) {
            throw new StartException("the daemon is stopping");
        }
        try {
            methods.call(entry.method(), entry.params());
            LOG.debug("{}: done", entry.describe());
        } catch (RpcException e) {
            throw failed(entry, e);
        }
    }
}
