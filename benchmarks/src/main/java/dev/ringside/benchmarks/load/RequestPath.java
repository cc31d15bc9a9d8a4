package dev.ringside.benchmarks.load;

import java.io.IOException;

/**
 * The way of a queue's requests to what is loaded, and back: a fixed set of slots, each with data of its own. One thread;
 * nothing here allocates after {@link #open}.
 *
 * <p>An abstract class and not an interface, so that the calls of the measured loop need no check of the type while one kind
 * of path is loaded.
 */
public abstract class RequestPath {
    /** What {@link #poll} returns when no slot has come back. */
    public static final int NONE = -1;

    /**
     * Begins, on the thread of the load.
     *
     * @param core to which that is pinned
     * @throws IOException if what is loaded cannot be reached
     */
    void open(int core) throws IOException {}

    /** Ends, on the same thread, whatever happened before; what is in flight then is waited for if it has to be. */
    void close() {}

    /** Shows what was added. */
    abstract void publish();

    /**
     * Takes a slot back.
     *
     * @return the slot, or {@link #NONE}
     * @throws IllegalStateException if what came back is nonsense
     */
    abstract int poll();

    /**
     * Waits a moment, at most {@code longestNs}, after {@link #poll} found nothing; returns whether that may have been long,
     * so that the clock should be looked at.
     */
    abstract boolean await(long longestNs);

    /** Whether the request in a slot was carried out, which {@link #poll} gave last. */
    abstract boolean succeeded(int slot);

    /** In words, what became of a request that was not carried out. */
    abstract String failure(int slot);
}
