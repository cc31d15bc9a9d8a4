package dev.ringside.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.queue.RingFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A load that is ended before its time. */
@Timeout(60)
class LoadRunTest {
    private static final Workload ENDLESS =
            new Workload(Pattern.RANDREAD, 100, 4096, 1, 4, 1 << 20, 0, 0, TimeUnit.DAYS.toNanos(1), false, false);

    /** Ends the load as soon as it is measured. */
    private static final class Impatience implements LoadRun.Progress {
        final AtomicReference<@Nullable LoadRun> run = new AtomicReference<>();

        @Override
        public void phase(String name) {
            // Not before something is measured.
        }

        @Override
        public void second(int second, double iops) {
            Objects.requireNonNull(run.get()).endEarly();
        }
    }

    @Test
    void tellsWhatItHasMeasuredSoFar() throws Exception {
        try (GuestRam ram = LoadSetup.memory(ENDLESS);
                LoadSetup setup = LoadSetup.echo(ENDLESS, ram, RingFormat.SPLIT, false, true)) {
            Impatience impatience = new Impatience();
            LoadRun run = new LoadRun(ENDLESS, setup.loops(), new int[] {0}, impatience, Optional.empty());
            impatience.run.set(run);
            LoadResult result = run.run();
            assertThat(result.clean()).isTrue();
            assertThat(result.latency().getTotalCount()).isPositive();
            assertThat(result.seconds()).isBetween(0.5, 50.0);
        }
    }

    @Test
    void tellsThatThereIsNothingToTell() throws Exception {
        try (GuestRam ram = LoadSetup.memory(ENDLESS);
                LoadSetup setup = LoadSetup.echo(ENDLESS, ram, RingFormat.SPLIT, false, true)) {
            LoadRun run = new LoadRun(ENDLESS, setup.loops(), new int[] {0}, new Impatience(), Optional.empty());
            run.endEarly();
            assertThatThrownBy(run::run)
                    .isInstanceOf(LoadException.class)
                    .hasMessageContaining("before anything was measured");
        }
    }
}
