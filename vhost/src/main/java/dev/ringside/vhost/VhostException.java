package dev.ringside.vhost;

/** A control-plane request that the vhost target refuses, with the errno that the outside is told. */
public final class VhostException extends Exception {
    private static final long serialVersionUID = 1;

    private final int errno;

    /**
     * Makes one.
     *
     * @param errno positive, for example {@link dev.ringside.env.linux.Errno#ENODEV}
     */
    public VhostException(int errno, String message) {
        super(message);
        this.errno = errno;
    }

    /** Makes one that another error caused, and says what that one says. */
    public VhostException(int errno, Exception cause) {
        super(cause.getMessage(), cause);
        this.errno = errno;
    }

    /** The errno, positive. */
    public int errno() {
        return errno;
    }
}
