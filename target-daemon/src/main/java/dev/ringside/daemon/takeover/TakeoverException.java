package dev.ringside.daemon.takeover;

/** A hand-over cannot go on; the message is one line for the operator. */
public final class TakeoverException extends Exception {
    private static final long serialVersionUID = 1;

    TakeoverException(String message) {
        super(message);
    }

    TakeoverException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The line for the operator. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
