package dev.ringside.bdev;

import dev.ringside.env.reactor.Reactor;
import java.util.HashMap;
import java.util.Map;

/** Counters of channels, summed for each reactor. Any thread. */
final class ReactorSums {
    private final Map<Reactor, ChannelStats> sums = new HashMap<>();

    synchronized void add(Reactor reactor, ChannelStats stats) {
        sums.computeIfAbsent(reactor, any -> new ChannelStats()).add(stats);
    }

    /** Adds all of this to others. */
    synchronized void addTo(ReactorSums others) {
        sums.forEach(others::add);
    }

    synchronized void reset(StatsReset which) {
        sums.values().forEach(sum -> sum.reset(which));
    }

    synchronized Map<Reactor, BdevStats> stats() {
        Map<Reactor, BdevStats> stats = new HashMap<>();
        sums.forEach((reactor, sum) -> stats.put(reactor, BdevStats.of(sum)));
        return stats;
    }
}
