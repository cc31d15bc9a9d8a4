package dev.ringside.daemon.cli;

/** Stops what runs when the process is told to end, by a signal or by itself, and ends it with status 0 then. */
final class StopHook {
    private final Thread thread;

    private StopHook(Runnable stop) {
        thread = new Thread(
                () -> {
                    try {
                        stop.run();
                    } finally {
                        // After a signal the JVM would exit with 128 + its number: a clean stop is a success.
                        Runtime.getRuntime().halt(ExitCode.OK);
                    }
                },
                "stop");
    }

    static StopHook install(Runnable stop) {
        StopHook hook = new StopHook(stop);
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
