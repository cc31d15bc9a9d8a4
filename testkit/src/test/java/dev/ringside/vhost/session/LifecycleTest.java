package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.testkit.queue.SplitDriver;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.OpenFiles;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Guests that come, start, reset, pause and go, in order and out of it. */
@ParameterizedClass
@EnumSource
class LifecycleTest {
    private static final int TIMES = 100;

    private final RingFormat format;
    private TargetRig rig;
    private GuestRam ram;

    LifecycleTest(RingFormat format) {
        this.format = format;
    }

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.INTERRUPT, 2);
        rig.mallocDisk("disk", 8);
        ram = GuestRam.ofMiB(16);
    }

    @AfterEach
    void close() throws Exception {
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
        assertThat(rig.log().warnings()).isEmpty();
    }

    private static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void oneGuestAfterAnother() throws Exception {
        BlkOptions options = BlkOptions.of(2, 32).with(format).withScratch(65_536);
        for (int i = 0; i < TIMES; i++) {
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                if (i > 0) {
                    assertThat(blk.queue(1).read(0, 4096).data()).isEqualTo(pattern(4096, i - 1));
                }
                assertThat(blk.queue(0).write(0, pattern(4096, i)).status()).isZero();
            }
            // The next guest has the same memory.
            rig.awaitEndOfSessions("disk", i + 1);
        }
    }

    @Test
    void aGuestThatResetsItsDeviceAndProbesItAgain() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(2, 32).with(format))) {
            for (int i = 0; i < TIMES; i++) {
                assertThat(blk.queue(i % 2).write(i, pattern(512, i)).status()).isZero();
                assertThat(blk.stop()).hasSize(2);
                blk.start();
                assertThat(blk.queue(0).read(i, 512).data()).isEqualTo(pattern(512, i));
            }
        }
    }

    @Test
    void aGuestThatIsPausedAndGoesOn() throws Exception {
        try (BlkFrontend blk = rig.start(
                "disk", ram, BlkOptions.of(2, 32).with(format).startingAt(format == RingFormat.SPLIT ? 65_500 : 29))) {
            for (int i = 0; i < TIMES; i++) {
                for (int n = 0; n <= i % 3; n++) {
                    assertThat(blk.queue(0).write(i, pattern(512, i)).status()).isZero();
                }
                assertThat(blk.stop())
                        .containsExactly(
                                blk.queue(0).ring().base(), blk.queue(1).ring().base());
                blk.resume();
                assertThat(blk.queue(0).read(i, 512).data()).isEqualTo(pattern(512, i));
            }
        }
    }

    @Test
    void requestsThatWaitWhileTheRingIsDisabledOrStopped() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 32).with(format))) {
            BlkDriverQueue queue = blk.queue(0);
            blk.messages().setVringEnable(0, false);
            queue.submit(0, BlkLayout.T_FLUSH, 0, 0);
            queue.kick();
            assertThat(blk.messages().getFeatures()).isNotZero();
            assertThat(queue.reap()).isEqualTo(-1);
            blk.messages().setVringEnable(0, true);
            queue.await();
            assertThat(queue.reap()).isZero();
            int base = blk.messages().getVringBase(0);
            assertThat(base).isEqualTo(queue.ring().base());
            queue.submit(1, BlkLayout.T_FLUSH, 0, 0);
            queue.kick();
            assertThat(blk.messages().getFeatures()).isNotZero();
            assertThat(queue.reap()).isEqualTo(-1);
            blk.startQueue(0);
            blk.messages().setVringBase(1, 0);
            queue.await();
            assertThat(queue.reap()).isEqualTo(1);
            assertThat(queue.status(1)).isZero();
        }
    }

    @Test
    void anotherKickAndAnotherCallWhileTheRingRuns() throws Exception {
        try (BlkFrontend blk =
                        rig.start("disk", ram, BlkOptions.of(1, 32).with(format).withCalls());
                var kick = EventFd.create();
                var call = EventFd.create()) {
            BlkDriverQueue queue = blk.queue(0);
            assertThat(queue.flush().status()).isZero();
            blk.messages().setVringKick(0, Optional.of(kick));
            queue.submit(0, BlkLayout.T_FLUSH, 0, 0);
            // A device that is awake may not ask for the kick.
            queue.ring().publish();
            kick.signal();
            queue.await();
            assertThat(queue.reap()).isZero();
            blk.messages().setVringCall(0, Optional.of(call));
            call.drain();
            queue.ring().enableCalls();
            queue.submit(1, BlkLayout.T_FLUSH, 0, 0);
            queue.ring().publish();
            kick.signal();
            Await.until("a call on the new descriptor", () -> call.drain() > 0);
            assertThat(queue.reap()).isEqualTo(1);
        }
    }

    @Test
    void aGuestThatDisappearsWithRequestsInFlight() throws Exception {
        long files = OpenFiles.count();
        long mappings = OpenFiles.guestMappings();
        for (int i = 0; i < TIMES; i++) {
            try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(2, 64).with(format))) {
                for (BlkDriverQueue queue : blk.queues()) {
                    for (int slot = 0; slot < 16; slot++) {
                        queue.submit(slot, BlkLayout.T_OUT, slot * 8L, 4096);
                    }
                    queue.kick();
                }
            }
            // The next guest has the same memory.
            rig.awaitEndOfSessions("disk", i + 1);
        }
        Await.until("files are closed", () -> OpenFiles.count() <= files);
        Await.until("memory is unmapped", () -> OpenFiles.guestMappings() <= mappings);
    }

    @Test
    void aGuestThatDisappearsAfterEachMessageOfItsStart() throws Exception {
        long files = OpenFiles.count();
        int messages = 23;
        for (int n = 1; n <= messages; n++) {
            try (VhostUserFrontend front = rig.connect("disk");
                    GuestRam own = GuestRam.ofMiB(2)) {
                partOfAStart(front, own, n);
            }
        }
        rig.awaitEndOfSessions("disk", messages);
        Await.until("files are closed", () -> OpenFiles.count() <= files);
    }

    /** Sends the first {@code n} messages of a start, with rings in the order of neither QEMU nor SPDK. */
    private static void partOfAStart(VhostUserFrontend front, GuestRam own, int n) throws Exception {
        List<Step> steps = new ArrayList<>();
        long base = own.userAddress(own.allocate(16_384, 4096));
        try (var kick = EventFd.create()) {
            steps.add(front::getFeatures);
            steps.add(front::getProtocolFeatures);
            steps.add(() -> front.setProtocolFeatures(ProtocolFeature.MQ | ProtocolFeature.CONFIG));
            steps.add(() -> front.setFeatures(VirtioFeature.VERSION_1 | VirtioFeature.PROTOCOL_FEATURES));
            for (int ring = 0; ring < 3; ring++) {
                int index = ring;
                steps.add(() -> front.setVringEnable(index, true));
                steps.add(() -> front.setVringKick(index, Optional.of(kick)));
                steps.add(() -> front.setVringAddr(index, base, base + 4096, base + 8192));
                steps.add(() -> front.setVringNum(index, 16));
            }
            steps.add(() -> front.setMemTable(own));
            steps.add(() -> front.getVringBase(0));
            steps.add(() -> front.setMemTable(own));
            steps.add(() -> front.getVringBase(2));
            steps.add(() -> front.setVringKick(2, Optional.of(kick)));
            steps.add(() -> front.setVringCall(2, Optional.of(kick)));
            steps.add(front::setOwner);
            for (Step step : steps.subList(0, Math.min(n, steps.size()))) {
                step.send();
            }
        }
    }

    private interface Step {
        void send() throws Exception;
    }

    @Test
    void guestsAtTheSameTime() throws Exception {
        for (int i = 0; i < 6; i++) {
            rig.mallocDisk("disk" + i, 2);
        }
        List<GuestRam> rams = new ArrayList<>();
        List<BlkFrontend> guests = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            GuestRam own = GuestRam.withHoles(2, 4, i * (1L << 32));
            rams.add(own);
            guests.add(
                    rig.start("disk" + i, own, BlkOptions.of(2, 32).with(format).withScratch(65_536)));
        }
        Random random = new Random(Seed.of("guests at the same time"));
        for (int n = 0; n < 600; n++) {
            int i = random.nextInt(6);
            BlkDriverQueue queue = guests.get(i).queue(random.nextInt(2));
            long sector = random.nextInt(64) * 8L;
            byte[] data = pattern(4096, random.nextInt());
            assertThat(queue.write(sector, data).status()).isZero();
            assertThat(Arrays.equals(queue.read(sector, 4096).data(), data)).isTrue();
        }
        guests.forEach(BlkFrontend::close);
        rams.forEach(GuestRam::close);
    }

    @Test
    void twoGuestsOfOneDisk() throws Exception {
        try (GuestRam other = GuestRam.ofMiB(16);
                BlkFrontend one = rig.start("disk", ram, BlkOptions.of(2, 32).with(format));
                BlkFrontend two = rig.start("disk", other, BlkOptions.of(2, 32).with(format))) {
            assertThat(one.queue(1).write(5, pattern(512, 1)).status()).isZero();
            assertThat(two.queue(1).read(5, 512).data()).isEqualTo(pattern(512, 1));
            assertThat(rig.target().find("disk").sessions()).hasSize(2);
        }
    }

    @Test
    void aFrontEndLikeSpdksInitiator() throws Exception {
        long features = VirtioFeature.VERSION_1 | VirtioFeature.RING_INDIRECT_DESC | VirtioFeature.PROTOCOL_FEATURES;
        long base = 0x2000_0020_0000L;
        // Addresses of the guest are those of the client; the queue's fields come before everything that they need.
        try (GuestRam own = GuestRam.of(
                        new GuestRegion.Layout(base, 2 << 20, base, 0),
                        new GuestRegion.Layout(base + (2 << 20), 2 << 20, base + (2 << 20), 0));
                VhostUserFrontend front = rig.connect("disk")) {
            front.setOwner();
            front.setFeatures(front.getFeatures() & features);
            front.setProtocolFeatures(front.getProtocolFeatures() & (ProtocolFeature.MQ | ProtocolFeature.CONFIG));
            assertThat(front.getConfig(0, 8)).isPresent();
            assertThat(front.getConfig(20, 4)).isPresent();
            front.setVringEnable(0, true);
            assertThat(front.getQueueNum()).isPositive();
            var driver = new SplitDriver(own, SplitDriver.Options.of(256, false));
            try (var kick = EventFd.create();
                    var call = EventFd.create()) {
                front.setVringCall(0, Optional.of(call));
                front.setMemTable(own);
                assertThat(front.getFeatures()).isNotZero();
                front.setVringNum(0, 256);
                front.setVringBase(0, 0);
                front.setVringAddr(0, driver.descriptorArea(), driver.driverArea(), driver.deviceArea());
                front.setVringKick(0, Optional.of(kick));
                driver.disableCalls();
                long header = own.allocate(32, 16);
                own.putInt(header, BlkLayout.T_IN);
                driver.readable(header, 16);
                driver.writable(own.allocateIn(1, 512, 512), 512);
                driver.writable(header + 16, 1);
                int id = driver.add();
                if (driver.publish()) {
                    kick.signal();
                }
                Await.until("answered", () -> driver.ring().usedIndex() == 1);
                assertThat(driver.poll()).isEqualTo(id);
                assertThat(front.getVringBase(0)).isEqualTo(1);
                front.setMemTable(own);
                assertThat(front.getFeatures()).isNotZero();
            }
        }
    }
}
