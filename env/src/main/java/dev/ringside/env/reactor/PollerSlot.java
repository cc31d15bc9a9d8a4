package dev.ringside.env.reactor;

/** A poller with its counters; owned by the reactor's thread. */
final class PollerSlot {
    final ReactorLoop reactor;
    final String name;
    final long id;
    final Poller poller;
    final long periodNs;
    long dueNs;
    long runCount;
    long busyCount;
    /** What it found when it ran last. */
    int lastWork;

    boolean removed;

    PollerSlot(ReactorLoop reactor, String name, long id, Poller poller, long periodNs, long dueNs) {
        this.reactor = reactor;
        this.name = name;
        this.id = id;
        this.poller = poller;
        this.periodNs = periodNs;
        this.dueNs = dueNs;
    }

    int run(long nowNs) {
        int work = poller.poll(nowNs);
        runCount++;
        lastWork = work;
        if (work > 0) {
            busyCount++;
        }
        return work;
    }

    PollerStats stats() {
        return new PollerStats(name, id, runCount, busyCount, periodNs);
    }
}
