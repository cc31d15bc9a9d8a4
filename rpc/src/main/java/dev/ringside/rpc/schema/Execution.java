package dev.ringside.rpc.schema;

/** How a method's runs relate to the other requests of the same connection. */
public enum Execution {
    /**
     * The requests that follow on the connection start when this one is done, so that a client which
     * sends several at once finds the effect of the first in the second. For whatever is done promptly.
     */
    ORDERED,
    /** Starts in its turn, and those that follow do not wait for it. For whatever waits for something. */
    CONCURRENT
}
