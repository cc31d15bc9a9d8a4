package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.Neighbour;
import dev.ringside.vhost.OpenFiles;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.queue.Seed;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Front ends that do anything in any order, one after another, next to a guest that behaves. {@code -Dseed=} repeats a run,
 * {@code -Dfuzz.seconds=} makes it longer.
 */
class SequenceFuzzTest {
    private static final long SECONDS = Long.getLong("fuzz.seconds", 10);
    private static final int STEPS = 120;

    @Test
    @Timeout(value = 1, unit = TimeUnit.DAYS)
    void survivesAnySequence() throws Exception {
        long seed = Seed.of("sequences");
        Random seeds = new Random(seed);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        try (TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1)) {
            rig.mallocDisk("bad", 4);
            rig.mallocDisk("good", 4);
            int sessions = 0;
            long steps = 0;
            long refused = 0;
            try (Neighbour neighbour = new Neighbour(rig, "good")) {
                neighbour.verify();
                long files = OpenFiles.count();
                long mappings = OpenFiles.guestMappings();
                while (System.nanoTime() - end < 0) {
                    long each = seeds.nextLong();
                    try (FuzzingFrontend front = new FuzzingFrontend(rig, "bad", each)) {
                        steps += front.run(STEPS);
                        refused += front.refused();
                    } catch (Throwable t) {
                        throw new AssertionError("session " + sessions + " of -Dseed=" + seed, t);
                    }
                    sessions++;
                    rig.awaitEndOfSessions("bad", sessions);
                    neighbour.verify();
                    assertThat(rig.failures()).as("-Dseed=%d", seed).isEmpty();
                }
                Await.until("files are closed", () -> OpenFiles.count() == files);
                Await.until("memory is unmapped", () -> OpenFiles.guestMappings() == mappings);
                assertThat(rig.log().warnings("goods0")).isEmpty();
            }
            System.out.printf(
                    "%d sessions, %d steps, %d refused, %s%n",
                    sessions, steps, refused, rig.target().find("bad").counters());
            assertThat(rig.counter("bad", "broken_queues")).isPositive();
            assertThat(rig.counter("bad", "protocol_errors")).isPositive();
        }
    }
}
