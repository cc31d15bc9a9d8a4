package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.DaemonOptions;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.ServedGuest;
import dev.ringside.daemon.target.StartException;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A daemon that allows faults, a guest of it with two queues, and the faults that were given over the control socket. */
record InjectedFaults(ServedGuest served) implements AutoCloseable {
    static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);

    /** Starts daemon and guest; there are no faults yet. */
    static InjectedFaults start() throws IOException, StartException {
        return new InjectedFaults(ServedGuest.with(
                DaemonOptions::allowingFaults, BlkOptions.of(2, 64).withCalls()));
    }

    RunningDaemon daemon() {
        return served.daemon();
    }

    BlkFrontend guest() {
        return served.front();
    }

    /**
     * Gives some.
     *
     * @param params beside the faults, which are JSON objects with commas between them
     */
    void inject(String method, String params, String faults) throws IOException {
        daemon().call(method, "{" + params + ", 'faults': [" + faults + "]}");
    }

    void stop() throws IOException {
        daemon().call("fault_stop");
    }

    /** How often the first fault has hit. */
    long hits() throws IOException {
        return daemon().call("fault_get_injections").at("/0/faults/0/hits").asLong();
    }

    void awaitHits(long wanted) throws IOException {
        long end = System.nanoTime() + DEADLINE_NS;
        while (hits() < wanted) {
            assertThat(System.nanoTime() - end).as("%d hits", wanted).isNegative();
        }
    }

    @Override
    public void close() throws IOException {
        served.close();
    }
}
