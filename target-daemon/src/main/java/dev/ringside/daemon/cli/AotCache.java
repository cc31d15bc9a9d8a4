package dev.ringside.daemon.cli;

import java.util.Optional;

/** The cache of a training run that the launcher gives to the JVM, which makes the start short and the warm-up too. */
final class AotCache {
    /** Set by the launcher to the cache's file. */
    private static final String GIVEN = "ringside.aot";

    private AotCache() {}

    /** What to tell if a cache was given and the JVM could not use it; all goes on without it. */
    static Optional<String> complaint() {
        String file = System.getProperty(GIVEN);
        if (file == null || System.getProperty("java.vm.info", "").contains("sharing")) {
            return Optional.empty();
        }
        return Optional.of(
                "the AOT cache " + file + " is not of this build, JVM or set of options: starting without it;"
                        + " scripts/aot.sh makes a new one");
    }
}
