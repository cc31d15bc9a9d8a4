package dev.ringside.bdev;

/**
 * A module's way to its device for one reactor. The block layer calls it on that reactor only, with requests that it has
 * checked: supported type, inside the device, data as long as the range, within {@link IoLimits}.
 */
public interface IoChannel extends AutoCloseable {

    /**
     * Takes a request and ends it, now or later, with exactly one {@link BdevIo#complete}.
     *
     * @throws InternalError if memory vanished under an access (see {@code Poller.memoryFault}); the request was not taken,
     *     unless it has ended
     * @return false if there is no memory or queue entry for it now: nothing was done, and the block layer tries again
     */
    boolean submit(BdevIo io);

    /**
     * Has a request that was taken end early, with {@link IoStatus#ABORTED}, if that is possible; it may end inside the
     * call, or end as if nothing had been said.
     */
    default void abort(BdevIo io) {
        // A device need not be able to.
    }

    /** Hands what was submitted to the device: one doorbell for the batch. */
    void flush();

    /** Closes the way; no request is in flight. */
    @Override
    void close();
}
