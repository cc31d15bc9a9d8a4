package dev.ringside.daemon.config;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One call of a configuration.
 *
 * @param subsystem the subsystem under which it stands
 * @param number of the call in its subsystem, from 1
 * @param params its parameters; null if it has none
 * @param place where it stands: file, line and column
 */
public record ConfigEntry(
        String subsystem,
        int number,
        String method,
        @Nullable JsonNode params,
        String place) {

    /** Names the entry for an operator: {@code target.json:7:9: call 2, bdev_malloc_create of subsystem bdev}. */
    public String describe() {
        return place + ": call " + number + ", " + method + " of subsystem " + subsystem;
    }
}
