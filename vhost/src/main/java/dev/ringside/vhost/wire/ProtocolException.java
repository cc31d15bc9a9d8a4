package dev.ringside.vhost.wire;

/** A message that is malformed, not allowed now, or asks for what cannot be; says what was wrong and what is allowed. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    /** Makes one. */
    public ProtocolException(String message) {
        super(message);
    }

    /** Makes one that another error caused. */
    public ProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
