package dev.ringside.benchmarks.start;

/**
 * When a fresh server did what for the first time, in ns after its process was asked for.
 *
 * @param vhostNs answered on its vhost-user socket
 * @param rpcNs answered a call on its control socket
 * @param requestNs completed a request
 */
public record StartTimes(long vhostNs, long rpcNs, long requestNs) {}
