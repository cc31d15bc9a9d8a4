package dev.ringside.daemon.cli;

import dev.ringside.daemon.Daemon;

/** Stops the daemon when the process is told to end, by a signal or by itself, and ends it with status 0 then. */
final class StopHook {
    private final Thread thread;

    private StopHook(Daemon daemon) {
        thread = new Thread(
                () -> {
                    try {
                        daemon.close();
                    } finally {
                        // After a signal the JVM would exit with 128 + its number: a clean stop is a success.
                        Runtime.getRuntime().halt(ExitCode.OK);
                    }
                },
                "stop");
    }

    static StopHook install(Daemon daemon) {
        StopHook hook = new StopHook(daemon);
        Runtime.getRuntime().addShutdownHook(hook.thread);
        return hook;
    }

    /** Takes the hook away; false if it runs already. */
    boolean remove() {
        try {
            return Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
