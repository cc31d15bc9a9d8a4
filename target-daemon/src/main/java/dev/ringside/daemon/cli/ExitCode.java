package dev.ringside.daemon.cli;

/** What the program's exit status means. */
final class ExitCode {
    static final int OK = 0;
    /** The daemon cannot start, or it answered with an error. */
    static final int FAILED = 1;
    /** The command line or a file makes no sense. */
    static final int USAGE = 2;
    /** There is no daemon to talk to, or it went away. */
    static final int NOT_CONNECTED = 3;

    /** A dry run has found a difference. */
    static final int DIFFERENT = 4;

    private ExitCode() {}
}
