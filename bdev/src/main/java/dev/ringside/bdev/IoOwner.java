package dev.ringside.bdev;

/** Who submitted a request and is told of its end. */
public interface IoOwner {

    /**
     * A request of this owner has ended; it may be reused at once. Called on the reactor of the request's channel,
     * possibly before the {@link BdevChannel#submit} that it belongs to has returned.
     *
     * @param status {@link IoStatus#OK} or a negative errno
     */
    void ioDone(BdevIo io, int status);
}
