package dev.ringside.daemon.insight;

import dev.ringside.env.reactor.LongestLoop;

/**
 * How long the turns of a reactor's loop are.
 *
 * @param recent the longest of the last second that was looked at
 * @param worst the longest of all of them
 */
public record LoopTimes(String reactor, LongestLoop recent, LongestLoop worst) {

    /** The same after another second. */
    LoopTimes then(LongestLoop next) {
        return new LoopTimes(reactor, next, next.ns() > worst.ns() ? next : worst);
    }
}
