package dev.ringside.bdev;

import java.util.EnumMap;
import java.util.Map;

/**
 * What has been done on a device, summed over its channels, by type of request.
 *
 * @param entries one for each type
 */
public record BdevStats(Map<IoType, Entry> entries) {
    /** Nothing. */
    public static final BdevStats NONE = of(new ChannelStats());

    /** Makes the map unmodifiable. */
    public BdevStats {
        entries = Map.copyOf(entries);
    }

    static BdevStats of(ChannelStats sum) {
        Map<IoType, Entry> entries = new EnumMap<>(IoType.class);
        for (IoType type : IoType.values()) {
            entries.put(type, sum.entry(type));
        }
        return new BdevStats(entries);
    }

    /** The counters of one type. */
    public Entry of(IoType type) {
        Entry entry = entries.get(type);
        if (entry == null) {
            throw new IllegalStateException("no counters of " + type);
        }
        return entry;
    }

    /**
     * Counters of one type of request. Latencies are from submission to completion, as coarse as a turn of the reactor.
     *
     * @param operations requests that ended well
     * @param bytes bytes of those requests
     * @param errors requests that failed
     * @param latencyNs sum of the latencies of those that ended well
     * @param minLatencyNs shortest, 0 if there was none
     * @param maxLatencyNs longest
     */
    public record Entry(
            long operations, long bytes, long errors, long latencyNs, long minLatencyNs, long maxLatencyNs) {}
}
