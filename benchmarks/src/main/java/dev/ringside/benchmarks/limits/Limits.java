package dev.ringside.benchmarks.limits;

import dev.ringside.env.linux.LinuxException;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The limits of this machine.
 *
 * @param firstCore where the asking thread ran
 * @param secondCore where the answering thread ran
 * @param roundTrip a cache line to the other core and one back
 * @param copiesPerSecond blocks of 4 KiB that one core copies, from places by chance in 256 MiB
 * @param eventRoundTripNs waking a thread on the other core through an eventfd and being woken by it
 */
public record Limits(
        int firstCore, int secondCore, CoreRoundTrip roundTrip, double copiesPerSecond, double eventRoundTripNs) {
    private static final int REPEATS = 11;

    /**
     * Measures for about two seconds.
     *
     * @throws LinuxException if memory or descriptors ran out, or a core is not there
     */
    public static Limits measure(int firstCore, int secondCore) throws LinuxException {
        return new Limits(
                firstCore,
                secondCore,
                CoreRoundTrip.measure(firstCore, secondCore, 5 * REPEATS),
                CopyRate.medianPerSecond(firstCore, REPEATS),
                EventRoundTrip.medianNs(firstCore, secondCore, REPEATS));
    }

    /** Lines for a terminal. */
    public List<String> lines() {
        return List.of(
                String.format(
                        Locale.ROOT,
                        "cache-line round trip of cores %d and %d  %,12.0f ns",
                        firstCore,
                        secondCore,
                        roundTrip.medianNs()),
                String.format(Locale.ROOT, "the longest of 10,000 of those          %,12d ns", roundTrip.worstNs()),
                String.format(
                        Locale.ROOT, "4 KiB copies of core %d a second        %,13.0f", firstCore, copiesPerSecond),
                String.format(
                        Locale.ROOT,
                        "eventfd round trip of cores %d and %d     %,12.0f ns",
                        firstCore,
                        secondCore,
                        eventRoundTripNs));
    }

    /** The same as a JSON object. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("cores").add(firstCore).add(secondCore);
        json.put("cache_line_round_trip_ns", roundTrip.medianNs());
        json.put("longest_of_10000_round_trips_ns", roundTrip.worstNs());
        json.put("copies_4k_per_s", copiesPerSecond);
        json.put("eventfd_round_trip_ns", eventRoundTripNs);
        return json;
    }
}
