package dev.ringside.vhost.session;

import dev.ringside.vhost.wire.ProtocolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages of a session that were refused without being its end: each is counted, and the first of them are said in the log.
 * A guest can have its front end send any number of them, by what it writes to the config space. Owned by the session's thread.
 */
final class Refusals {
    /** Lines of one session; one more says that there may be others. */
    static final int LINES = 100;

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final String name;
    private final SessionCounters counters;
    private int lines;

    Refusals(String name, SessionCounters counters) {
        this.name = name;
        this.counters = counters;
    }

    void add(ProtocolException refused) {
        counters.protocolErrors.increment();
        if (lines < LINES) {
            lines++;
            LOG.warn("{}: {}", name, refused.getMessage());
            if (lines == LINES) {
                LOG.warn("{}: what is refused from here on is counted, and not logged", name);
            }
        }
    }
}
