package dev.ringside.benchmarks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How long a target is attacked; what comes of it is for the fuzzer's own tests. */
class FuzzCommandTest {

    @Test
    void endsWithItsTime() {
        PerfRun run = PerfRun.of("fuzz", "--seconds", "0");

        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.out()).contains("fuzz: 0 sessions", "fuzz: no finding");
    }

    @Test
    void doesAsManySessionsAsAreWanted() {
        PerfRun run = PerfRun.of("fuzz", "--seconds", "0", "--sessions", "5", "--device", "scsi");

        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.out()).contains("fuzz: 5 sessions", "fuzz: no finding");
    }
}
