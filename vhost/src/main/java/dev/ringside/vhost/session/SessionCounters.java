package dev.ringside.vhost.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What went wrong with the front ends of a controller, counted over all of its sessions. Any thread. */
public final class SessionCounters {
    /** Sessions that began. */
    public final LongAdder sessions = new LongAdder();
    /** Messages that were malformed, not allowed, or asked for what cannot be. */
    public final LongAdder protocolErrors = new LongAdder();
    /** Connections that failed. */
    public final LongAdder connectionErrors = new LongAdder();
    /** Queues that a driver broke. */
    public final LongAdder brokenQueues = new LongAdder();
    /** Events that a front end could not be told of, or would not hear. */
    public final LongAdder eventErrors = new LongAdder();

    /** Makes counters at 0. */
    public SessionCounters() {}

    /** The values now, by name. */
    public Map<String, Long> values() {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("sessions", sessions.sum());
        values.put("protocol_errors", protocolErrors.sum());
        values.put("connection_errors", connectionErrors.sum());
        values.put("broken_queues", brokenQueues.sum());
        values.put("event_errors", eventErrors.sum());
        return values;
    }
}
