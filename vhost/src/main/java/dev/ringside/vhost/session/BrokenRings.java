package dev.ringside.vhost.session;

import dev.ringside.vhost.queue.QueueError;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log which rings of a session were broken by their driver. A driver can break one, set it up again and break it
 * again as fast as it likes: after some lines there is at most one a second, which says how many were left out. Owned by the
 * thread that logs.
 */
final class BrokenRings {
    /** Lines that are said however fast they come. */
    static final int BURST = 32;

    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final String name;
    private int allowed = BURST;
    private long lastNs;
    private long leftOut;

    BrokenRings(String name) {
        this.name = name;
    }

    /** A ring has been broken; at this time of {@link System#nanoTime}. */
    void add(int index, QueueError error, long nowNs) {
        if (allowed == 0 && nowNs - lastNs < INTERVAL_NS) {
            leftOut++;
            return;
        }
        allowed = Math.max(0, allowed - 1);
        lastNs = nowNs;
        end();
        LOG.warn("{}: ring {} is broken: {}", name, index, error);
    }

    /** Says how many were left out so far. */
    void end() {
        if (leftOut > 0) {
            LOG.warn("{}: rings were broken {} more times", name, leftOut);
            leftOut = 0;
        }
    }
}
