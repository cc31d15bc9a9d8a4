package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;

/** A bdev that a device has opened; closed when the device has let go of it and the last queue has closed its channel. */
final class Backing {
    private final BdevHandle handle;
    private int channels;
    private boolean retired;
    private boolean closed;

    Backing(BdevHandle handle) {
        this.handle = handle;
    }

    BdevInfo info() {
        return handle.info();
    }

    /** On the reactor. */
    BdevChannel open(Reactor reactor) throws IOException {
        BdevChannel channel = handle.openChannel(reactor);
        synchronized (this) {
            channels++;
        }
        return channel;
    }

    /** On the reactor of the channel, of which no request is in flight. */
    void close(BdevChannel channel) {
        channel.close();
        synchronized (this) {
            channels--;
        }
        closeIfUnused();
    }

    /** The device needs it no more; queues may still finish what they have in flight. */
    void retire() {
        synchronized (this) {
            retired = true;
        }
        closeIfUnused();
    }

    private void closeIfUnused() {
        synchronized (this) {
            if (!retired || closed || channels > 0) {
                return;
            }
            closed = true;
        }
        handle.close();
    }
}
