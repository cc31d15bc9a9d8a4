package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.RequestShape;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rings of each size, indices that wrap, many queues on several reactors. */
class QueuesTest {
    /** On a machine that is busy otherwise, each request may wait for the scheduler twice. */
    private static final long ENOUGH_NS = TimeUnit.SECONDS.toNanos(20);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024})
    void splitRingsOfEachSize(int size) throws Exception {
        ringOf(RingFormat.SPLIT, size, 65_536 - Math.max(1, size / 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 8, 64, 100, 255, 1000, 1024})
    void packedRingsOfEachSize(int size) throws Exception {
        ringOf(RingFormat.PACKED, size, size / 2);
    }

    private static void ringOf(RingFormat format, int size, int start) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1);
                GuestRam ram = GuestRam.ofMiB(16)) {
            rig.mallocDisk("disk", 4);
            for (boolean eventIdx : new boolean[] {false, true}) {
                BlkOptions options = BlkOptions.of(1, size)
                        .with(format)
                        .without(eventIdx ? 0 : VirtioFeature.RING_EVENT_IDX)
                        .startingAt(start)
                        .withScratch(65_536)
                        .withSlots(Math.max(1, Math.min(size, 256)), 512);
                try (BlkFrontend blk = rig.start("disk", ram, options)) {
                    roundTrips(blk.queue(0), new Random(size), size);
                    fullRing(blk.queue(0), size);
                }
                // The next guest has the same memory.
                rig.awaitEndOfSessions("disk", eventIdx ? 2 : 1);
            }
            assertThat(rig.log().warnings()).isEmpty();
            assertThat(rig.failures()).isEmpty();
        }
    }

    /** Goes around the ring some times, or once at least. */
    private static void roundTrips(BlkDriverQueue queue, Random random, int size) {
        byte[] data = new byte[1536];
        long begun = System.nanoTime();
        for (int i = 0; i < 4 * size + 10 && (i <= size || System.nanoTime() - begun < ENOUGH_NS); i++) {
            random.nextBytes(data);
            RequestShape shape = RequestShape.values()[random.nextInt(RequestShape.values().length)];
            assertThat(queue.execute(shape, true, BlkLayout.T_OUT, i, data, 0).status())
                    .isZero();
            assertThat(queue.execute(shape, true, BlkLayout.T_IN, i, new byte[0], data.length)
                            .data())
                    .isEqualTo(data);
        }
    }

    /** As many requests as there are entries, at once, each behind one descriptor. */
    private static void fullRing(BlkDriverQueue queue, int size) {
        int slots = Math.min(size, 256);
        for (int round = 0; round < 3; round++) {
            for (int slot = 0; slot < slots; slot++) {
                assertThat(queue.submit(slot, BlkLayout.T_IN, slot, 512, true)).isTrue();
            }
            if (size <= 256) {
                assertThat(queue.ring().free()).isZero();
            }
            queue.kick();
            for (int ended = 0; ended < slots; ) {
                int slot = queue.reap();
                if (slot < 0) {
                    queue.await();
                } else {
                    assertThat(queue.status(slot)).isZero();
                    ended++;
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(IdleMode.class)
    void manyQueuesOnTwoReactors(IdleMode mode) throws Exception {
        try (TargetRig rig = new TargetRig(mode, 2);
                GuestRam ram = GuestRam.ofMiB(32)) {
            rig.mallocDisk("disk", 16);
            try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(8, 64).withScratch(65_536))) {
                long[] sectors = new long[8];
                for (int round = 0; round < 50; round++) {
                    for (int i = 0; i < 8; i++) {
                        BlkDriverQueue queue = blk.queue(i);
                        sectors[i] = i * 4096L + round % 64 * 8L;
                        for (int slot = 0; slot < 8; slot++) {
                            ram.fill(queue.dataAddress(slot), 4096, round * 8 + slot + i);
                            queue.submit(slot, BlkLayout.T_OUT, sectors[i] + slot * 512L, 4096);
                        }
                        queue.kick();
                    }
                    for (int i = 0; i < 8; i++) {
                        reapAll(blk.queue(i), 8);
                    }
                    for (int i = 0; i < 8; i++) {
                        byte[] back = blk.queue((i + 1) % 8)
                                .read(sectors[i] + 512, 512)
                                .data();
                        assertThat(back).containsOnly((byte) (round * 8 + 1 + i));
                    }
                }
                assertThat(rig.target().find("disk").sessions().getFirst().maxQueues())
                        .isEqualTo(8);
            }
            assertThat(rig.failures()).isEmpty();
            assertThat(rig.log().warnings()).isEmpty();
        }
    }

    private static void reapAll(BlkDriverQueue queue, int count) {
        for (int ended = 0; ended < count; ) {
            int slot = queue.reap();
            if (slot < 0) {
                queue.await();
            } else {
                assertThat(queue.status(slot)).isZero();
                ended++;
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void callsOnlyWhenTheDriverWantsThem(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1);
                GuestRam ram = GuestRam.ofMiB(16)) {
            rig.mallocDisk("disk", 4);
            for (boolean eventIdx : new boolean[] {false, true}) {
                BlkOptions options =
                        BlkOptions.of(1, 64).with(format).without(eventIdx ? 0 : VirtioFeature.RING_EVENT_IDX);
                try (BlkFrontend blk = rig.start("disk", ram, options)) {
                    BlkDriverQueue queue = blk.queue(0);
                    queue.flush();
                    queue.callFd().drain();
                    for (int i = 0; i < 100; i++) {
                        queue.flush();
                    }
                    assertThat(queue.callFd().drain())
                            .as("calls that nobody wants")
                            .isZero();
                    queue.ring().enableCalls();
                    queue.flush();
                    // The base is answered after everything before it was called for.
                    blk.messages().getVringBase(0);
                    assertThat(queue.callFd().drain()).isEqualTo(1);
                }
                rig.awaitEndOfSessions("disk", eventIdx ? 2 : 1);
            }
        }
    }
}
