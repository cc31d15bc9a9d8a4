package dev.ringside.vhost;

import dev.ringside.vhost.blk.BlkDevice;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.scsi.ScsiDevice;

/** What a controller has for its guests. */
public sealed interface ControllerDevice extends VirtioDevice, AutoCloseable permits BlkDevice, ScsiDevice {

    /** The device as a front end sees it that has just connected. */
    VirtioDevice connect();

    /** A front end has gone away, and the rings that it had are closed. */
    void disconnect(VirtioDevice seen);

    /** Closes what is behind the device; no front end is connected. */
    @Override
    void close();
}
