package dev.ringside.benchmarks.load;

/** The load was ended before anything was measured. */
public final class EndedException extends LoadException {
    private static final long serialVersionUID = 1L;

    /** Says so. */
    public EndedException() {
        super("it was ended before anything was measured");
    }
}
