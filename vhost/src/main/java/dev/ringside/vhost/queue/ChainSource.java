package dev.ringside.vhost.queue;

import java.util.function.Supplier;

/**
 * Where the requests of a queue come from.
 *
 * @param maker makes a request, on the queue's reactor
 * @param share pays for it
 */
public record ChainSource(Supplier<? extends Chain> maker, ChainBudget.Share share) {

    /** Requests that are paid for by nobody. */
    public static ChainSource unlimited(Supplier<? extends Chain> maker) {
        return new ChainSource(maker, new ChainBudget(Long.MAX_VALUE).share());
    }
}
