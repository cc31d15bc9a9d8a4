package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.DeviceRequests;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoType;

/** One reactor's way to a namespace, through the queues that the reactor has for all namespaces of the controller. */
public final class NamespaceChannel implements IoChannel {
    final int nsid;

    private final IoQueuePair queues;
    private final DeviceRequests requests = new DeviceRequests();

    /** Makes one; it is a user of the queues until it is closed. */
    public NamespaceChannel(int nsid, IoQueuePair queues) {
        this.nsid = nsid;
        this.queues = queues;
        queues.join();
    }

    @Override
    public boolean submit(BdevIo io) {
        if (requests.resetting()) {
            return false;
        }
        if (io.type() == IoType.RESET) {
            // A command that hangs is ended by the recovery of its controller: a reset has only to wait.
            requests.reset(io);
            return true;
        }
        requests.add();
        if (queues.submit(this, io)) {
            return true;
        }
        requests.takeBack();
        return false;
    }

    @Override
    public void flush() {
        queues.flush();
    }

    @Override
    public void close() {
        queues.leave();
    }

    /** A request has ended, and its tracker is free. */
    void done(BdevIo io, int status) {
        requests.complete(io, status);
    }
}
