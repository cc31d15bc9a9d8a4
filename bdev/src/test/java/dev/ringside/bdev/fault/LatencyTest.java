package dev.ringside.bdev.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How times are distributed, for numbers that are spread evenly and for those that faults draw. */
class LatencyTest {
    private static final int DRAWS = 100_000;
    private static final long MS = 1_000_000;
    private static final double MOST = Math.nextDown(1.0);

    @Test
    void fixedIsAlwaysTheSame() {
        assertThat(even(new Latency.Fixed(3 * MS))).containsOnly(3 * MS);
    }

    @Test
    void uniformGoesFromOneEndToTheOther() {
        Latency uniform = new Latency.Uniform(2 * MS, 4 * MS);
        assertThat(uniform.at(0)).isEqualTo(2 * MS);
        assertThat(uniform.at(0.5)).isEqualTo(3 * MS);
        assertThat(uniform.at(MOST)).isBetween(4 * MS - 1, 4 * MS);
        for (long[] drawn : new long[][] {even(uniform), random(uniform)}) {
            assertThat(mean(drawn)).isCloseTo(3.0 * MS, offset(0.02 * MS));
            assertThat(share(drawn, 2 * MS, 5 * MS / 2)).isCloseTo(0.25, within(0.01));
            assertThat(share(drawn, 7 * MS / 2, 4 * MS)).isCloseTo(0.25, within(0.01));
            assertThat(share(drawn, 2 * MS, 4 * MS)).isEqualTo(1);
        }
    }

    @Test
    void exponentialHasItsMeanAndIsMostlyShorter() {
        Latency exponential = new Latency.Exponential(MS);
        assertThat(exponential.at(0)).isZero();
        assertThat(exponential.at(0.5)).isCloseTo((long) (Math.log(2) * MS), within(1L));
        // The longest that can be drawn: 36.7 times the mean.
        assertThat(exponential.at(MOST)).isBetween(36 * MS, 37 * MS);
        for (long[] drawn : new long[][] {even(exponential), random(exponential)}) {
            assertThat(mean(drawn)).isCloseTo(1.0 * MS, offset(0.02 * MS));
            assertThat(share(drawn, 0, MS)).isCloseTo(1 - 1 / Math.E, within(0.01));
            assertThat(share(drawn, 3 * MS, Long.MAX_VALUE)).isCloseTo(Math.exp(-3), within(0.005));
        }
    }

    @Test
    void oneInAHundredIsOfTheTail() {
        Latency tail = new Latency.Tail(MS, 50 * MS);
        for (long[] drawn : new long[][] {even(tail), random(tail)}) {
            assertThat(drawn).containsOnly(MS, 50 * MS);
            assertThat(share(drawn, 50 * MS, 50 * MS)).isCloseTo(0.01, within(0.002));
        }
        assertThat(share(even(tail), 50 * MS, 50 * MS)).isEqualTo(0.01);
    }

    /** Drawn with numbers that are spread evenly from 0 to 1. */
    private static long[] even(Latency latency) {
        return LongStream.range(0, DRAWS)
                .map(i -> latency.at((i + 0.5) / DRAWS))
                .toArray();
    }

    /** Drawn as a fault draws them, with a seed that never changes. */
    private static long[] random(Latency latency) {
        FaultRun run = new FaultRun(1, Fault.ENDLESS, 0, Fault.ENDLESS, 7, 0);
        return LongStream.generate(() -> run.draw(latency)).limit(DRAWS).toArray();
    }

    private static double mean(long[] drawn) {
        return Arrays.stream(drawn).average().orElseThrow();
    }

    /** Which part of them is from one time to another, both included. */
    private static double share(long[] drawn, long from, long to) {
        return Arrays.stream(drawn).filter(ns -> ns >= from && ns <= to).count() / (double) DRAWS;
    }
}
