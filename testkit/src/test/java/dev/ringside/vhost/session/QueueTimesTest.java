package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoType;
import dev.ringside.bdev.SlowIo;
import dev.ringside.bdev.Timing;
import dev.ringside.bdev.latency.Histogram;
import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.reactor.Registration;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.TimedQueue;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a queue says that the time of its guest's requests went. */
class QueueTimesTest {
    private static final long LONG_NS = 20_000_000;
    /** Requests that are taken in a turn, and two turns' and more. */
    private static final int A_TURN = 64;

    private static final int MORE_THAN_A_TURN = 2 * A_TURN + 2;

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void aSlowDiskIsToldFromALatePoller(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.POLL, 1);
                Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(8)) {
            HeldDisk disk = new HeldDisk("disk", arena.allocate(1 << 20), 100, 0);
            rig.disk(disk, false);
            try (BlkFrontend blk =
                    rig.start("disk", ram, BlkOptions.of(1, 128).with(format).withSlots(4, 4096))) {
                // Of a queue that runs already.
                rig.registry().time("disk", Optional.of(new Timing(LONG_NS))).join();
                rig.target().find("disk").followTimes().join();
                BlkDriverQueue queue = blk.queue(0);

                // A busy machine keeps the reactor from looking now and then, which is what must not be taken for the
                // disk.
                Await.until("the reactor was never late", () -> {
                    Spans slow = spansOfSlowRequest(rig, disk, queue);
                    assertThat(slow.of(Span.DEVICE).maxNs()).isGreaterThan(LONG_NS);
                    return slow.of(Span.POLL_DELAY).maxNs() < LONG_NS;
                });
                int before = disk.seen().size();

                rig.registry().time("disk", Optional.of(new Timing(LONG_NS))).join();
                CountDownLatch submitted = new CountDownLatch(1);
                CountDownLatch busy = new CountDownLatch(1);
                rig.reactor(0).execute(() -> {
                    busy.countDown();
                    awaitQuietly(submitted);
                    spin(LONG_NS);
                });
                busy.await();
                submit(queue);
                submitted.countDown();
                Await.until("the disk has it", () -> disk.seen().size() == before + 1);
                end(rig, disk, queue);
                Spans late = spans(rig);
                assertThat(late.of(Span.POLL_DELAY).maxNs()).isGreaterThan(LONG_NS);
                SlowIo noted =
                        rig.registry().takeSlow("disk").join().getFirst().ios().getFirst();
                assertThat(noted.type()).isEqualTo(IoType.READ);
                assertThat(noted.lba()).isEqualTo(8);
                assertThat(noted.pollDelayNs()).isGreaterThan(LONG_NS);
            }
        }
    }

    /** A turn takes so many only; the others wait in the ring, and not for a poller that is late. */
    @Test
    void whatATurnLeavesInTheRingWaitsThere() throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.POLL, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            rig.mallocDisk("disk", 8);
            rig.registry().time("disk", Optional.of(new Timing(0))).join();
            try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 512).withSlots(MORE_THAN_A_TURN, 512))) {
                BlkDriverQueue queue = blk.queue(0);
                assertThat(queue.read(0, 512).status()).isZero();
                Spans before = spans(rig);
                assertThat(before.of(Span.RING).maxNs()).isLessThan(LONG_NS);
                Registration slow = rig.reactor(0)
                        .call(() -> rig.reactor(0).register("slow", now -> {
                            spin(LONG_NS);
                            return 1;
                        }))
                        .join();
                for (int slot = 0; slot < MORE_THAN_A_TURN; slot++) {
                    assertThat(queue.submit(slot, BlkLayout.T_IN, 0, 512)).isTrue();
                }
                queue.kick();
                for (int ended = 0; ended < MORE_THAN_A_TURN; ) {
                    queue.await();
                    ended += queue.reap() >= 0 ? 1 : 0;
                }
                rig.reactor(0).execute(slow::close);
                Spans spans = spans(rig);
                assertThat(spans.of(Span.RING).maxNs()).isGreaterThan(LONG_NS);
                // The first turn's were late: each waited for about as long. Of the second turn none was.
                assertThat(spans.of(Span.RING).sumNs()).isGreaterThan(A_TURN * LONG_NS);
                assertThat(spans.of(Span.POLL_DELAY).sumNs())
                        .isLessThan(spans.of(Span.REQUEST).sumNs() - A_TURN * LONG_NS);
            }
        }
    }

    @Test
    void spansAddUp() throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.POLL, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            rig.mallocDisk("disk", 8);
            rig.registry().time("disk", Optional.of(new Timing(0))).join();
            try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 128))) {
                for (int i = 0; i < 100; i++) {
                    assertThat(blk.queue(0).read(0, 4096).status()).isZero();
                }
                Spans disk = spans(rig);
                long sum = 0;
                for (Span span :
                        List.of(Span.POLL_DELAY, Span.RING, Span.QOS, Span.BLOCK_LAYER, Span.DEVICE, Span.COMPLETION)) {
                    Histogram histogram = disk.of(span);
                    assertThat(histogram.count()).as("%s", span).isEqualTo(100);
                    sum += histogram.sumNs();
                }
                assertThat(disk.of(Span.REQUEST).sumNs()).isEqualTo(sum);
                TimedQueue queue = rig.target().find("disk").timedQueues().getFirst();
                assertThat(queue.index()).isZero();
                assertThat(queue.reactor()).isEqualTo(rig.reactor(0).name());
                for (Span span : Span.values()) {
                    assertThat(queue.spans().of(span).sumNs())
                            .isEqualTo(disk.of(span).sumNs());
                }
                rig.registry().time("disk", Optional.empty()).join();
                rig.target().find("disk").followTimes().join();
                assertThat(rig.target().find("disk").timedQueues()).isEmpty();
            }
        }
    }

    private static Spans spansOfSlowRequest(TargetRig rig, HeldDisk disk, BlkDriverQueue queue) throws Exception {
        int before = disk.seen().size();
        rig.registry().time("disk", Optional.of(new Timing(LONG_NS))).join();
        submit(queue);
        Await.until("the disk has it", () -> disk.seen().size() > before);
        spin(LONG_NS);
        end(rig, disk, queue);
        return spans(rig);
    }

    private static void submit(BlkDriverQueue queue) {
        assertThat(queue.submit(0, BlkLayout.T_IN, 8, 512)).isTrue();
        queue.kick();
    }

    private static void end(TargetRig rig, HeldDisk disk, BlkDriverQueue queue) {
        rig.reactor(0)
                .call(() -> {
                    disk.endHeld();
                    return true;
                })
                .join();
        Await.until("the driver has it back", () -> queue.reap() == 0);
    }

    private static Spans spans(TargetRig rig) throws Exception {
        return rig.registry().spans("disk").join();
    }

    private static void spin(long ns) {
        long start = System.nanoTime();
        while (System.nanoTime() - start <= ns) {
            Thread.onSpinWait();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
