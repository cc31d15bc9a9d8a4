package dev.ringside.benchmarks.load;

/** The load could not be run to its end. The message says why, in one line. */
public class LoadException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Says why. */
    public LoadException(String message) {
        super(message);
    }

    /** Says why, with what was thrown. */
    public LoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
