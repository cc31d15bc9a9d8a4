package dev.ringside.benchmarks.cli;

/** What the program's exit status means. */
final class ExitCode {
    static final int OK = 0;
    /** Requests failed, or did not read back what was written, or the run could not be finished. */
    static final int FAILED = 1;
    /** The command line makes no sense, or asks what the disk cannot do. */
    static final int USAGE = 2;
    /** No back end answers on the socket. */
    static final int NOT_CONNECTED = 3;

    private ExitCode() {}
}
