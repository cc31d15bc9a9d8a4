package dev.ringside.bdev;

/**
 * A module's way to its device for one reactor. The block layer calls it on that reactor only, with requests that it has
 * checked: supported type, inside the device, data as long as the range, within {@link IoLimits}.
 */
public interface IoChannel extends AutoCloseable {
    /** What is returned for a request that has not ended yet. */
    int LATER = 1;

    /**
     * Takes a request and ends it, now or later, with exactly one {@link BdevIo#complete}.
     *
     * <p>If the memory of its data vanishes under a copy (an {@link InternalError}, see {@link ScatterList#copyTo}), the
     * module ends it with {@code EFAULT}.
     *
     * @throws InternalError if registers of the device were gone; the request was not taken, unless it has ended. It ends
     *     with {@code EIO}
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

    /**
     * Carries a request out if that can be done at once, and returns how it ended instead of calling {@link
     * BdevIo#complete}: the way back is as short as the way there. What it means is what {@link #submit} means.
     *
     * @return {@link IoStatus#OK} or a negative errno, or {@link #LATER}: nothing was done, and the request has to be
     *     submitted. The default is {@link #LATER}
     */
    default int tryNow(BdevIo io) {
        return LATER;
    }

    /**
     * Tells of requests that will probably be submitted next. Nothing of them has been checked. Good for fetching what they
     * need into the processor's caches; the default is to do nothing.
     *
     * @param ios the first {@code count} are meant
     */
    default void expect(BdevIo[] ios, int count) {}

    /**
     * Tells that the device is going away. What waits for a time or for an operator, and not for the device, ends now with
     * {@link IoStatus#NO_DEVICE}; what is in the device ends as it does. May be called several times.
     */
    default void removed() {}

    /** Hands what was submitted to the device: one doorbell for the batch. */
    void flush();

    /** Closes the way; no request is in flight. */
    @Override
    void close();
}
