package dev.ringside.vhost;

import dev.ringside.env.reactor.Reactor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;

/**
 * What is open on reactors while sessions are adopted: what takes time is done, and what cannot be opened known, before another
 * process gives its guests up. Control plane; one thread at a time.
 */
final class HeldOpen {
    private final Map<Runnable, Reactor> closers = new HashMap<>();

    /**
     * Opens on each reactor what the queues of a device will open there.
     *
     * @throws CompletionException if what is behind the device cannot be reached
     */
    void open(ControllerDevice device, List<Reactor> reactors) {
        for (Reactor reactor : reactors) {
            closers.put(reactor.call(() -> device.holdOpen(reactor)).join(), reactor);
        }
    }

    /** Closes what is open. */
    void close() {
        closers.forEach(
                (close, reactor) -> reactor.call(Executors.callable(close)).join());
        closers.clear();
    }
}
