package dev.ringside.bdev;

/** A control-plane request that the block layer refuses, with the errno that the outside is told. */
public final class BdevException extends Exception {
    private static final long serialVersionUID = 1;

    private final int errno;

    /** Makes one.
     *
     * @param errno positive, for example {@link dev.ringside.env.linux.Errno#ENODEV}
     */
    public BdevException(int errno, String message) {
        super(message);
        this.errno = errno;
    }

    /** The errno, positive. */
    public int errno() {
        return errno;
    }
}
