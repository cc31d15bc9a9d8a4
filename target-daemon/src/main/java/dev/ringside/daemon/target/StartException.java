package dev.ringside.daemon.target;

/** The daemon cannot start, or cannot go on with its start; the message is one line for the operator. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    /** Makes one. */
    public StartException(String message) {
        super(message);
    }

    /** Makes one that another error caused. */
    public StartException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The line for the operator. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
