package dev.ringside.daemon.config;

import org.jspecify.annotations.Nullable;

/** A configuration that cannot be used; the message is one line that begins with the file, the line and the column. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    ConfigException(String message) {
        super(message);
    }

    ConfigException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The line for the operator. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
