package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Seed;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Alternates bursts of requests with pauses around the time after which a reactor falls asleep, and kicks only when the
 * device asks for it: one wake-up that gets lost and the queue stands still.
 */
class IdleAndBurstTest {
    private static final int ALTERNATIONS = Integer.getInteger("alternations", 100_000);
    private static final int SLOTS = 16;
    /** On a machine that is busy otherwise, each alternation may wait for the scheduler twice. */
    private static final long ENOUGH_NS = TimeUnit.SECONDS.toNanos(60);

    @ParameterizedTest
    @Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @CsvSource({"ADAPTIVE, true, false", "INTERRUPT, true, false", "INTERRUPT, false, false", "INTERRUPT, true, true"})
    void losesNoWakeUp(IdleMode mode, boolean eventIdx, boolean calls) throws Exception {
        Random random = new Random(Seed.of("idle and burst, " + mode));
        // Sleeping on both sides takes two wake-ups for each burst.
        int alternations = calls ? ALTERNATIONS / 4 : ALTERNATIONS;
        try (TargetRig rig = new TargetRig(mode, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            rig.nullDisk("disk", 512, 16_384);
            BlkOptions options = BlkOptions.of(1, 64)
                    .withSlots(SLOTS, 512)
                    .without(eventIdx ? 0 : VirtioFeature.RING_EVENT_IDX)
                    .startingAt(60_000);
            try (BlkFrontend blk = rig.start("disk", ram, calls ? options.withCalls() : options)) {
                // On a core of its own, or the reactor falls asleep whenever the driver has its core. The thread
                // is this test's; those that it starts from now on would have its core, too.
                int[] cores = CpuSet.online().cores();
                CpuSet.pinCurrentThread(cores[Math.min(1, cores.length - 1)]);
                BlkDriverQueue queue = blk.queue(0);
                queue.whileWaiting(Thread::onSpinWait);
                int done = 0;
                for (long start = System.nanoTime();
                        done < alternations && System.nanoTime() - start < ENOUGH_NS;
                        done++) {
                    burst(queue, 1 + (done & 7) % SLOTS);
                    pause(mode, random);
                }
                long sleeps = rig.thread(0).stats().join().sleeps();
                System.out.printf(
                        "%s, event idx %s, calls %s: %d alternations, %d sleeps, %d kicks sent, %d spared%n",
                        mode,
                        eventIdx,
                        calls,
                        done,
                        sleeps,
                        queue.driver().kicks(),
                        queue.driver().kicksSpared());
                assertThat(sleeps).isGreaterThan(done / 100);
            }
            assertThat(rig.failures()).isEmpty();
            assertThat(rig.log().warnings()).isEmpty();
        }
    }

    private static void burst(BlkDriverQueue queue, int requests) {
        for (int slot = 0; slot < requests; slot++) {
            queue.submit(slot, BlkLayout.T_IN, slot, 512);
            if ((slot & 1) == 0) {
                queue.kick();
            }
        }
        queue.kick();
        int left = requests;
        while (left > 0) {
            if (queue.reap() < 0) {
                queue.await();
            } else {
                left--;
            }
        }
    }

    /** Waits for about as long as a reactor spins before it sleeps, or for next to nothing. */
    private static void pause(IdleMode mode, Random random) {
        int ns = switch (mode) {
            case ADAPTIVE -> 85_000 + random.nextInt(30_000);
            case INTERRUPT, POLL -> random.nextInt(4_000);
        };
        long end = System.nanoTime() + ns;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }
}
