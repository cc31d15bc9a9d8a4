package dev.ringside.vhost;

import dev.ringside.env.reactor.Reactor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * A device's disks, open on reactors while sessions are adopted, so that what takes time is done before their guests wait.
 * Control plane.
 */
final class HeldOpen {
    private final Map<Runnable, Reactor> closers = new HashMap<>();

    /** Opens them on each reactor. */
    void open(ControllerDevice device, List<Reactor> reactors) {
        for (Reactor reactor : reactors) {
            closers.put(reactor.call(() -> device.holdOpen(reactor)).join(), reactor);
        }
    }

    /** Lets go of them. */
    void close() {
        closers.forEach(
                (close, reactor) -> reactor.call(Executors.callable(close)).join());
        closers.clear();
    }
}
