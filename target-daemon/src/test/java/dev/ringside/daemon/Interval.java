package dev.ringside.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What two results of framework_get_status tell of the time between them, worked out apart from those who show it.
 *
 * @param before the earlier one
 * @param now the later one
 */
public record Interval(JsonNode before, JsonNode now) {
    /** Where a disk's counters are. */
    public static final String DISKS = "iostat";
    /** Where a reactor's are. */
    public static final String REACTORS = "reactor_iostat";

    private static final Pattern SHOWN = Pattern.compile("(\\d+)(?:\\.(\\d+))? ?([A-Za-z%]*)(?:/s)?");
    private static final Map<String, Double> UNITS = Map.ofEntries(
            Map.entry("", 1.0),
            Map.entry("k", 1e3),
            Map.entry("M", 1e6),
            Map.entry("G", 1e9),
            Map.entry("B", 1.0),
            Map.entry("KiB", 1024.0),
            Map.entry("MiB", 1024.0 * 1024),
            Map.entry("GiB", 1024.0 * 1024 * 1024),
            Map.entry("ns", 1.0),
            Map.entry("us", 1e3),
            Map.entry("ms", 1e6),
            Map.entry("s", 1e9),
            Map.entry("%", 1.0));

    /** How much a counter grew, a second. */
    public double rate(String where, String name, String counter) {
        double seconds = (now.path("ticks").asLong() - before.path("ticks").asLong())
                / now.path("tick_rate").asDouble();
        return grown(where, name, counter) / seconds;
    }

    /** Mean latency of a type of request in ns; empty if there was none. */
    public Optional<Double> latency(String where, String name, String type) {
        long operations = grown(where, name, "num_" + type + "_ops");
        return operations == 0
                ? Optional.empty()
                : Optional.of((double) grown(where, name, type + "_latency_ticks") / operations);
    }

    private long grown(String where, String name, String counter) {
        return named(now, where, name).path(counter).asLong()
                - named(before, where, name).path(counter).asLong();
    }

    /** The counters of one disk or reactor. */
    public static JsonNode named(JsonNode status, String where, String name) {
        for (JsonNode one : status.path(where)) {
            if (one.path("name").asString().equals(name)) {
                return one;
            }
        }
        throw new AssertionError("no " + name + " in " + status.path(where));
    }

    /** Whether a figure is shown as exactly as its last digit can be: "12.3 KiB/s". */
    public static void requireShown(String text, double value) {
        Matcher shown = SHOWN.matcher(text);
        assertThat(shown.matches()).as(text).isTrue();
        Double unit = UNITS.get(shown.group(3));
        assertThat(unit).as(text).isNotNull();
        String decimals = shown.group(2) == null ? "" : shown.group(2);
        double number = Double.parseDouble(shown.group(1) + "." + decimals + "0");
        double half = 0.501 * Math.pow(10, -decimals.length()) * unit;
        assertThat(number * unit).as(text).isBetween(value - half, value + half);
    }
}
