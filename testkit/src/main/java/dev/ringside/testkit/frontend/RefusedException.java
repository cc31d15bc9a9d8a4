package dev.ringside.testkit.frontend;

import java.io.IOException;

/** The back end answered a request with an error, and the session goes on. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    /** Makes one. */
    public RefusedException(String message) {
        super(message);
    }
}
