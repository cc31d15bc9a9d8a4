package dev.ringside.vhost;

import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.blk.BlkDevice;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.scsi.ScsiDevice;
import java.io.IOException;

/** What a controller has for its guests. */
public sealed interface ControllerDevice extends VirtioDevice, AutoCloseable permits BlkDevice, ScsiDevice {

    /** The device as a front end sees it that has just connected. */
    VirtioDevice connect();

    /** A front end has gone away, and the rings that it had are closed. */
    void disconnect(VirtioDevice seen);

    /**
     * Opens on a reactor what the queues of front ends will open there: what cannot be opened is known, and what takes time
     * done, before they are. On that reactor.
     *
     * @return closes it; on that reactor
     * @throws IOException if what is behind the device cannot be reached
     */
    Runnable holdOpen(Reactor reactor) throws IOException;

    /** Closes what is behind the device; no front end is connected. */
    @Override
    void close();
}
