package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import org.jspecify.annotations.Nullable;

/** One reactor's way to a namespace, through the queues that the reactor has for all namespaces of the controller. */
public final class NamespaceChannel implements IoChannel {
    final int nsid;

    private final IoQueuePair queues;
    private int inFlight;
    /** A RESET that waits for what is in flight; nothing else is taken meanwhile. */
    private @Nullable BdevIo reset;

    /** Makes one; it is a user of the queues until it is closed. */
    public NamespaceChannel(int nsid, IoQueuePair queues) {
        this.nsid = nsid;
        this.queues = queues;
        queues.join();
    }

    @Override
    public boolean submit(BdevIo io) {
        if (reset != null) {
            return false;
        }
        if (io.type() == IoType.RESET) {
            // A command that hangs is ended by the recovery of its controller: a reset has only to wait.
            if (inFlight > 0) {
                reset = io;
            } else {
                io.complete(IoStatus.OK);
            }
            return true;
        }
        // Counted first: it may end inside the call.
        inFlight++;
        if (queues.submit(this, io)) {
            return true;
        }
        inFlight--;
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
        inFlight--;
        io.complete(status);
        BdevIo waiting = reset;
        if (waiting != null && inFlight == 0) {
            reset = null;
            waiting.complete(IoStatus.OK);
        }
    }
}
