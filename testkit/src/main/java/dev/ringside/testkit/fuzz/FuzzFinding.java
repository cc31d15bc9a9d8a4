package dev.ringside.testkit.fuzz;

/** Something that a front end could do and must not be able to. */
public final class FuzzFinding extends Exception {
    private static final long serialVersionUID = 1;

    /** Makes one; the message tells how to see it again. */
    FuzzFinding(String message, Throwable cause) {
        super(message, cause);
    }
}
