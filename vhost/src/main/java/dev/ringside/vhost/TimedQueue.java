package dev.ringside.vhost;

import dev.ringside.bdev.latency.Spans;

/**
 * Where the time of a queue's requests has gone.
 *
 * @param session number of the connection in its controller
 * @param index of the queue
 * @param reactor that serves it
 */
public record TimedQueue(int session, int index, String reactor, Spans spans) {}
