package dev.ringside.vhost.blk;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A queue's way to the disk behind its device, which may be exchanged or taken away while requests are in flight: they end
 * on the way they began on. Owned by the queue's reactor.
 */
final class DiskPath {
    /** A channel and what it was opened in. */
    record Way(Backing backing, BdevChannel channel) {
        void close() {
            backing.close(channel);
        }
    }

    private @Nullable Way current;
    private @Nullable BdevChannel channel;
    /** Ways on which requests are still in flight, but no more are begun. */
    private final ArrayDeque<Way> retiring = new ArrayDeque<>();

    private boolean closed;

    DiskPath(@Nullable Way first) {
        use(first);
    }

    /** Begins requests on another way from now on; null: on none. */
    void use(@Nullable Way next) {
        if (closed && next != null) {
            // It was opened while the queue was being closed.
            next.close();
            return;
        }
        if (current != null) {
            retiring.add(current);
        }
        current = next;
        channel = next == null ? null : next.channel();
    }

    /** Whether the disk times its requests. */
    boolean timed() {
        BdevChannel to = channel;
        return to != null && to.timed();
    }

    /** Tells of requests that come next; see {@link BdevChannel#expect}. */
    void expect(BdevIo[] ios, int count) {
        BdevChannel to = channel;
        if (to != null) {
            to.expect(ios, count);
        }
    }

    /** Starts a request; see {@link BdevChannel#start}. Without a disk it fails. */
    int start(BdevIo io) {
        BdevChannel to = channel;
        return to == null ? IoStatus.NO_DEVICE : to.start(io);
    }

    void flush() {
        BdevChannel to = channel;
        if (to != null) {
            to.flush();
        }
        if (!retiring.isEmpty()) {
            flushRetiring();
        }
    }

    int outstanding() {
        int sum = channel == null ? 0 : channel.outstanding();
        for (Way way : retiring) {
            sum += way.channel().outstanding();
        }
        return sum;
    }

    /** Whether nothing waits for {@link #flush} to be called again. */
    boolean settled() {
        BdevChannel to = channel;
        return retiring.isEmpty() && (to == null || !to.congested());
    }

    /** Closes every way; no request is in flight. */
    void close() {
        closed = true;
        use(null);
        flushRetiring();
    }

    private void flushRetiring() {
        for (Way way : retiring) {
            way.channel().flush();
        }
        retiring.removeIf(way -> {
            boolean drained = way.channel().outstanding() == 0;
            if (drained) {
                way.close();
            }
            return drained;
        });
    }
}
