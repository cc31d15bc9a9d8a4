package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a driver is promised of its rings beside their format. */
class RingFeaturesTest {
    private static final int SLOTS = 40;

    /** A disk that ends some requests at once and others late; the driver has them all back in its own order. */
    @ParameterizedTest
    @EnumSource
    void requestsComeBackInOrder(RingFormat format) throws Exception {
        Random random = new Random(Seed.of("in order, " + format));
        try (TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1);
                Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(4)) {
            HeldDisk disk = new HeldDisk("disk", arena.allocate(1 << 20), 50, random.nextLong());
            rig.disk(disk, false);
            BlkOptions options = BlkOptions.of(1, 128).with(format).withOrder().withSlots(SLOTS, 512);
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                assertThat(blk.features() & VirtioFeature.IN_ORDER).isNotZero();
                BlkDriverQueue queue = blk.queue(0);
                for (int round = 0; round < 50; round++) {
                    int count = 1 + random.nextInt(SLOTS);
                    for (int slot = 0; slot < count; slot++) {
                        assertThat(queue.submit(slot, BlkLayout.T_IN, slot, 512))
                                .isTrue();
                    }
                    int before = disk.seen().size();
                    queue.kick();
                    Await.until("all are taken", () -> disk.seen().size() == before + count);
                    rig.reactor(0).execute(disk::endHeld);
                    for (int slot = 0; slot < count; slot++) {
                        queue.await();
                        assertThat(queue.reap()).isEqualTo(slot);
                        assertThat(queue.status(slot)).isZero();
                    }
                }
                assertThat(queue.reap()).isEqualTo(-1);
                assertThat(blk.stop()[0] & 0xffff).isEqualTo(queue.ring().base() & 0xffff);
            }
        }
    }

    /**
     * The data of a notification does not get through an eventfd, and what is written there has no meaning: the device
     * finds requests in the ring, as a device may that has the data.
     */
    @ParameterizedTest
    @EnumSource
    void notificationsMayHaveData(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            rig.mallocDisk("disk", 4);
            try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 64).with(format))) {
                assertThat(blk.features() & VirtioFeature.NOTIFICATION_DATA).isNotZero();
                BlkDriverQueue queue = blk.queue(0);
                for (int i = 0; i < 100; i++) {
                    // Any number, as the data is of any value.
                    for (int n = 0; n < i % 7; n++) {
                        queue.kickFd().signal();
                    }
                    assertThat(queue.read(i, 512).status()).isZero();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"SPLIT, false", "SPLIT, true", "PACKED, false", "PACKED, true"})
    void aSingleQueueIsReset(RingFormat format, boolean tracked) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1);
                GuestRam ram = GuestRam.ofMiB(32)) {
            rig.mallocDisk("disk", 4);
            BlkOptions options = BlkOptions.of(2, 64).with(format).withScratch(65_536);
            try (BlkFrontend blk = rig.start("disk", ram, tracked ? options.withTracking() : options)) {
                assertThat(blk.features() & VirtioFeature.RING_RESET).isNotZero();
                for (int round = 0; round < 12; round++) {
                    for (int n = 0; n < 3 + round; n++) {
                        uses(blk.queue(0), round);
                        uses(blk.queue(1), round);
                    }
                    if (round % 3 == 2) {
                        breakQueue(rig, blk.queue(0), round / 3 + 1);
                        uses(blk.queue(1), round);
                    }
                    blk.resetQueue(0, round % 2 == 0 ? 32 : 64);
                }
                if (tracked) {
                    // Its successor finds what the ring does now, and nothing of the rings before.
                    uses(blk.queue(0), 1);
                    blk.reconnect(rig.socket("disk"));
                }
                uses(blk.queue(0), 1);
                uses(blk.queue(1), 1);
            }
        }
    }

    private static void uses(BlkDriverQueue queue, int value) {
        byte[] data = new byte[1024];
        Arrays.fill(data, (byte) value);
        assertThat(queue.write(8, data).status()).isZero();
        assertThat(queue.read(8, 1024).data()).isEqualTo(data);
    }

    private static void breakQueue(TargetRig rig, BlkDriverQueue queue, int count) throws Exception {
        queue.ring().readable(1L << 50, 16);
        queue.ring().add();
        queue.kick();
        Await.until("the queue is broken", () -> rig.counter("disk", "broken_queues") == count);
    }
}
