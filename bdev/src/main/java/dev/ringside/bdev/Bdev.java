package dev.ringside.bdev;

import dev.ringside.env.reactor.Reactor;
import java.io.IOException;

/**
 * A block device, as a module implements it. Users do not call it: they open it in a {@link BdevRegistry} and talk to a
 * {@link BdevChannel}.
 */
public interface Bdev {

    /** What the device is now; any thread. */
    BdevInfo info();

    /**
     * Opens the way to the device for one reactor; on that reactor, at most once at a time for each.
     *
     * @throws IOException if the device cannot be reached
     */
    IoChannel openChannel(Reactor reactor) throws IOException;

    /** Frees the device. Control plane; no channel is open any more and none will be opened. */
    void destroy();
}
