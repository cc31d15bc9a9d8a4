package dev.ringside.benchmarks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The limits of the machine that runs the tests. */
class LimitsTest {

    @Test
    void areMeasured() {
        PerfRun run = PerfRun.of("limits", "--json");

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.at("/cores").size()).isEqualTo(2);
        double roundTripNs = json.at("/cache_line_round_trip_ns").asDouble();
        assertThat(roundTripNs).isPositive();
        assertThat(json.at("/longest_of_10000_round_trips_ns").asDouble()).isGreaterThan(roundTripNs);
        assertThat(json.at("/copies_4k_per_s").asDouble()).isPositive();
        assertThat(json.at("/eventfd_round_trip_ns").asDouble()).isPositive();
    }

    @Test
    void areToldInFourLines() {
        PerfRun run = PerfRun.of("limits");

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines()).hasSize(4);
        assertThat(run.out())
                .contains("cache-line round trip", "longest of 10,000", "4 KiB copies", "eventfd round trip");
    }
}
