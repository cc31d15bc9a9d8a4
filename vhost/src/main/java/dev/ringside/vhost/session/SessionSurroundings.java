package dev.ringside.vhost.session;

import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.queue.ChainBudget;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What the sessions of a controller have in common. Any thread.
 *
 * @param reactors those that serve the rings of each session, in turn; at least one
 * @param control runs what a reactor must not do itself
 * @param counters of what went wrong
 * @param inflightFiles what is used for requests in flight
 * @param share of the heap, for requests
 * @param pace of the calls to the drivers
 */
public record SessionSurroundings(
        List<Reactor> reactors,
        Executor control,
        SessionCounters counters,
        InflightFiles inflightFiles,
        ChainBudget.Share share,
        CallPace pace) {

    /** The reactor of a ring, by its index in a session. */
    Reactor reactor(int ring) {
        return reactors.get(ring % reactors.size());
    }
}
