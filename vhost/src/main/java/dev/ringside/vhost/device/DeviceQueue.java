package dev.ringside.vhost.device;

import dev.ringside.vhost.queue.Chain;
import dev.ringside.vhost.queue.ChainHandler;
import dev.ringside.vhost.queue.Virtqueue;

/** A device's part of one queue; everything on the queue's reactor. */
public interface DeviceQueue extends ChainHandler, AutoCloseable {

    /** Makes a chain for the queue's pool, with what the device needs for a request. */
    Chain newChain();

    /** Says where to complete requests; once, before the first of them. */
    void attach(Virtqueue queue);

    /**
     * Starts requests that were handled and not started, in their order, until those move a number of bytes or there is none
     * left: a batch can be looked at as a whole before its first request is carried out. A device that starts each request
     * when it is handled has none left.
     *
     * @return whether there are some left
     */
    default boolean start(long bytes) {
        return false;
    }

    /** Hands what a batch has submitted to what is behind the device. */
    void flush();

    /** Requests that what is behind the device has and has not ended. */
    int outstanding();

    /** Whether nothing waits for {@link #flush} to be called again. */
    boolean canSleep();

    /** Closes what was opened; no request is in flight. */
    @Override
    void close();
}
