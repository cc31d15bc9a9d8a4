package dev.ringside.env.reactor;

/**
 * What a poller has done.
 *
 * @param id number of the poller, unique in its reactor, from 1
 * @param runCount how often it ran
 * @param busyCount how often it found work
 * @param periodNs its period, or 0 for one that runs on every turn
 */
public record PollerStats(String name, long id, long runCount, long busyCount, long periodNs) {}
