package dev.ringside.daemon.log;

import ch.qos.logback.classic.Level;
import java.util.Arrays;
import java.util.Locale;

/** How much is logged, in SPDK's names. NOTICE and INFO are the same to us: nothing is logged between them. */
public enum LogLevel {
    DISABLED(Level.OFF),
    ERROR(Level.ERROR),
    WARNING(Level.WARN),
    NOTICE(Level.INFO),
    INFO(Level.INFO),
    DEBUG(Level.DEBUG);

    @SuppressWarnings("Immutable") // Logback's levels are constants.
    private final Level threshold;

    LogLevel(Level threshold) {
        this.threshold = threshold;
    }

    /** The names, for messages and schemas. */
    public static String[] names() {
        return Arrays.stream(values()).map(LogLevel::name).toArray(String[]::new);
    }

    /**
     * Reads a level's name, in any case.
     *
     * @throws IllegalArgumentException naming the levels there are
     */
    public static LogLevel parse(String text) {
        try {
            return valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "log level '" + text + "' is not one of " + String.join(", ", names()), e);
        }
    }

    Level threshold() {
        return threshold;
    }
}
