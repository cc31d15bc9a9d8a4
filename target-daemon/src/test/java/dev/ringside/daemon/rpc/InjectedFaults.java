package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** The faults that a daemon has been given over its control socket. */
record InjectedFaults(RunningDaemon daemon) {
    static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);

    /**
     * Gives some.
     *
     * @param params beside the faults, which are JSON objects with commas between them
     */
    void inject(String method, String params, String faults) throws IOException {
        daemon.call(method, "{" + params + ", 'faults': [" + faults + "]}");
    }

    void stop() throws IOException {
        daemon.call("fault_stop");
    }

    /** How often the first fault has hit. */
    long hits() throws IOException {
        return daemon.call("fault_get_injections").at("/0/faults/0/hits").asLong();
    }

    void awaitHits(long wanted) throws IOException {
        long end = System.nanoTime() + DEADLINE_NS;
        while (hits() < wanted) {
            assertThat(System.nanoTime() - end).as("%d hits", wanted).isNegative();
        }
    }
}
