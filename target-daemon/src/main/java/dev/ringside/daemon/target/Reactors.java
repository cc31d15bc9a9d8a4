package dev.ringside.daemon.target;

import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.LongestLoop;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.ReactorStats;
import dev.ringside.env.reactor.ReactorThread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reactors of the daemon, in the order of their cores. Any thread; started and closed by one. */
public final class Reactors implements AutoCloseable {
    /** Named for where the failures come from, so that the component's log flag covers them. */
    private static final Logger LOG = LoggerFactory.getLogger(Reactor.class);

    private volatile List<ReactorThread> threads = List.of();

    /** Makes none yet. */
    public Reactors() {}

    /**
     * Starts one reactor on each core.
     *
     * @throws StartException if a core is not one that this process may use; those started so far are left to {@link
     *     #close}
     */
    public void start(CpuSet cpus, IdleMode mode) throws StartException {
        try {
            CpuSet online = CpuSet.online();
            for (int core : cpus.cores()) {
                if (!online.contains(core)) {
                    throw new StartException(
                            "there is no core " + core + " for a reactor: this process may run on " + online.toMask());
                }
            }
            List<ReactorThread> started = new ArrayList<>();
            for (int core : cpus.cores()) {
                started.add(ReactorThread.start(core, mode, Reactors::pollerFailed));
                threads = List.copyOf(started);
                LOG.debug("a reactor runs on core {}, idle mode {}", core, mode);
            }
        } catch (LinuxException e) {
            throw new StartException("cannot start the reactors: " + e.getMessage(), e);
        }
    }

    /** The reactors. */
    public List<Reactor> list() {
        return threads.stream().map(ReactorThread::reactor).toList();
    }

    /** What each of them has done so far. */
    public List<ReactorStats> stats() {
        List<CompletableFuture<ReactorStats>> asked =
                threads.stream().map(ReactorThread::stats).toList();
        return asked.stream().map(CompletableFuture::join).toList();
    }

    /** The longest turn of each reactor's loop since the last call of this, by the reactor's name, in the order of the cores. */
    public Map<String, LongestLoop> takeLongest() {
        Map<String, CompletableFuture<LongestLoop>> asked = new LinkedHashMap<>();
        threads.forEach(thread -> asked.put(thread.reactor().name(), thread.takeLongest()));
        Map<String, LongestLoop> longest = new LinkedHashMap<>();
        asked.forEach((name, loop) -> longest.put(name, loop.join()));
        return longest;
    }

    @Override
    public void close() {
        threads.forEach(ReactorThread::close);
        threads = List.of();
    }

    private static void pollerFailed(String poller, Throwable thrown) {
        LOG.error("poller {} failed and runs no more", poller, thrown);
    }
}
