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
     * How many requests the device has a use for now. Those that it has none for stay in the ring, and the driver is not
     * asked to tell of them.
     */
    default int demand() {
        return Integer.MAX_VALUE;
    }

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

    /**
     * Looks whether the disk behind the device is timed, and has the queue time its requests if so: that may have changed since
     * the last look. A device looks by itself when it is attached, and when it gets another disk.
     */
    default void followTimes() {
        // A device without a disk has nothing to time.
    }

    /** Hands what a batch has submitted to what is behind the device. */
    void flush();

    /**
     * The ring is being stopped, and its requests in flight are tracked: has those end early that can, and leaves them to
     * {@link Virtqueue#suspend} instead of giving them back. All others end as usual.
     */
    default void suspend() {
        // A device need not be able to end a request early.
    }

    /** Requests that what is behind the device has and has not ended. */
    int outstanding();

    /** Whether nothing waits for {@link #flush} to be called again. */
    boolean canSleep();

    /** Closes what was opened; no request is in flight. */
    @Override
    void close();
}
