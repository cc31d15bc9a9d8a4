package dev.ringside.bdev;

import java.util.Arrays;

/** Counters of one channel, by type of request; owned by its reactor. */
final class ChannelStats {
    final long[] operations = new long[IoType.count()];
    final long[] bytes = new long[IoType.count()];
    final long[] errors = new long[IoType.count()];
    final long[] latencyNs = new long[IoType.count()];
    final long[] minLatencyNs = new long[IoType.count()];
    final long[] maxLatencyNs = new long[IoType.count()];

    ChannelStats() {
        reset(StatsReset.ALL);
    }

    void count(int type, long length, int status, long latency) {
        if (status == IoStatus.OK) {
            operations[type]++;
            bytes[type] += length;
            latencyNs[type] += latency;
            if (latency > maxLatencyNs[type]) {
                maxLatencyNs[type] = latency;
            }
            if (latency < minLatencyNs[type]) {
                minLatencyNs[type] = latency;
            }
        } else {
            errors[type]++;
        }
    }

    void add(ChannelStats other) {
        for (int i = 0; i < operations.length; i++) {
            operations[i] += other.operations[i];
            bytes[i] += other.bytes[i];
            errors[i] += other.errors[i];
            latencyNs[i] += other.latencyNs[i];
            minLatencyNs[i] = Math.min(minLatencyNs[i], other.minLatencyNs[i]);
            maxLatencyNs[i] = Math.max(maxLatencyNs[i], other.maxLatencyNs[i]);
        }
    }

    void reset(StatsReset which) {
        if (which == StatsReset.ALL) {
            Arrays.fill(operations, 0);
            Arrays.fill(bytes, 0);
            Arrays.fill(latencyNs, 0);
        }
        if (which != StatsReset.EXTREMES) {
            Arrays.fill(errors, 0);
        }
        if (which != StatsReset.ERRORS) {
            Arrays.fill(minLatencyNs, Long.MAX_VALUE);
            Arrays.fill(maxLatencyNs, 0);
        }
    }

    BdevStats.Entry entry(IoType type) {
        int i = type.ordinal();
        long min = minLatencyNs[i] == Long.MAX_VALUE ? 0 : minLatencyNs[i];
        return new BdevStats.Entry(operations[i], bytes[i], errors[i], latencyNs[i], min, maxLatencyNs[i]);
    }
}
