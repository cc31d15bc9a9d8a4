package dev.ringside.env.reactor;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a reactor does when a turn of its loop found no work. */
public enum IdleMode {
    /** Spins for ever. */
    POLL,
    /** Spins while there is work and a short time longer, then sleeps until a watched descriptor is ready. */
    ADAPTIVE,
    /** Sleeps as soon as there is no work. */
    INTERRUPT;

    /**
     * Reads a mode's name, in any case.
     *
     * @throws IllegalArgumentException naming the modes there are
     */
    public static IdleMode parse(String text) {
        for (IdleMode mode : values()) {
            if (mode.name().equalsIgnoreCase(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("idle mode '" + text + "' is not one of "
                + Arrays.stream(values()).map(IdleMode::toString).collect(Collectors.joining(", ")));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
