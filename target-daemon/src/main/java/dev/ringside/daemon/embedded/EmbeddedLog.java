package dev.ringside.daemon.embedded;

import dev.ringside.daemon.log.LogLevel;
import dev.ringside.daemon.log.Logging;
import java.io.PrintStream;

/** What the parts of Ringside log in a program that is not the daemon. */
public final class EmbeddedLog {
    private EmbeddedLog() {}

    /** Prints warnings and errors, as the daemon does, and nothing else; from any thread, from now on. */
    public static void install(PrintStream stream) {
        new Logging().install(LogLevel.WARNING, stream);
    }
}
