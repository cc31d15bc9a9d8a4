package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Mapping;
import dev.ringside.env.linux.Memfd;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.InflightArea;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.Neighbour;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests in flight outlive the target that had taken them. */
class RecoveryTest {
    private static final int SLOTS = 60;
    private static final int DISK = 1 << 20;

    /** A target whose only reactor can be stopped dead, as by SIGKILL. */
    private static final class Mortal implements AutoCloseable {
        final TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1);
        final HeldDisk disk;
        final CountDownLatch resurrection = new CountDownLatch(1);

        Mortal(MemorySegment content, int held, long seed) throws Exception {
            disk = new HeldDisk("disk", content, held, seed);
            rig.disk(disk, false);
        }

        void kill() {
            CountDownLatch dead = new CountDownLatch(1);
            rig.reactor(0).execute(() -> {
                dead.countDown();
                await(resurrection);
            });
            await(dead);
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /** Lets the dead finish what it has to, so that it can be buried; the driver has gone. */
        @Override
        public void close() throws IOException {
            resurrection.countDown();
            rig.reactor(0).execute(disk::endHeld);
            rig.close();
            assertThat(rig.failures()).isEmpty();
        }
    }

    /** Requests that a driver has out, one to each slot, and what has come back. */
    private static final class Load {
        final BlkDriverQueue queue;
        final BitSet out = new BitSet();
        final long[] sector = new long[SLOTS];
        long next;

        Load(BlkDriverQueue queue) {
            this.queue = queue;
        }

        void submit(int count, Random random) {
            for (int i = 0; i < count; i++) {
                int slot = out.nextClearBit(0);
                if (slot >= SLOTS) {
                    break;
                }
                int type = random.nextBoolean() ? BlkLayout.T_OUT : BlkLayout.T_IN;
                sector[slot] = next % (DISK / 512 - 1);
                if (!queue.submit(slot, type, sector[slot], 512, random.nextBoolean())) {
                    break;
                }
                next++;
                out.set(slot);
            }
            queue.kick();
        }

        void reap(int most) {
            for (int n = 0; n < most; n++) {
                int slot = queue.reap();
                if (slot < 0) {
                    return;
                }
                assertThat(out.get(slot)).as("slot %d was out", slot).isTrue();
                assertThat(queue.status(slot)).isZero();
                out.clear(slot);
            }
        }

        List<Long> sectorsOut() {
            return out.stream().mapToObj(slot -> sector[slot]).sorted().toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"SPLIT, 128", "PACKED, 128", "PACKED, 100", "SPLIT, 16", "PACKED, 13"})
    void eachRequestIsAnsweredOnceByOneTargetAfterAnother(RingFormat format, int size) throws Exception {
        Random random = new Random(Seed.of("targets in turn, " + format));
        List<Mortal> targets = new ArrayList<>();
        BlkOptions options = BlkOptions.of(1, size)
                .with(format)
                .withTracking()
                .withSlots(SLOTS, 512)
                .withScratch(4096);
        try (GuestRam ram = GuestRam.ofMiB(4);
                Arena arena = Arena.ofShared()) {
            MemorySegment content = arena.allocate(DISK);
            targets.add(new Mortal(content, 50, random.nextLong()));
            try (BlkFrontend blk = BlkFrontend.connect(targets.getLast().rig.socket("disk"), ram, options)) {
                Load load = new Load(blk.queue(0));
                for (int life = 0; life < 8; life++) {
                    liveAndDie(targets.getLast(), load, random);
                    List<Long> left = load.sectorsOut();
                    targets.add(new Mortal(content, life == 7 ? 0 : 60, random.nextLong()));
                    blk.reconnect(targets.getLast().rig.socket("disk"));
                    HeldDisk disk = targets.getLast().disk;
                    Await.until(
                            "what was in flight is there again",
                            () -> disk.seen().size() >= left.size());
                    assertThat(disk.seen().subList(0, left.size())).isSorted();
                    assertThat(left).containsAll(disk.seen().subList(0, left.size()));
                }
                Await.until("all is answered", () -> {
                    load.reap(SLOTS);
                    return load.out.isEmpty();
                });
                assertThat(blk.queue(0).flush().status()).isZero();
                assertThat(blk.queue(0).reap()).isEqualTo(-1);
                assertThat(blk.stop()).hasSize(1);
            }
            for (Mortal target : targets) {
                target.close();
            }
        }
    }

    private static void liveAndDie(Mortal target, Load load, Random random) {
        for (int i = random.nextInt(6); i >= 0; i--) {
            load.submit(1 + random.nextInt(10), random);
            load.reap(random.nextInt(10));
        }
        if (random.nextBoolean()) {
            target.kill();
        } else {
            int before = target.disk.seen().size();
            long submitted = load.next;
            load.submit(1, random);
            if (load.next > submitted) {
                Await.until("a request is taken", () -> target.disk.seen().size() > before);
            }
            target.kill();
        }
        load.reap(random.nextInt(3));
        // Nobody is there to see these.
        load.submit(random.nextInt(5), random);
        load.reap(SLOTS);
    }

    @ParameterizedTest
    @EnumSource
    void aCleanDisconnectKeepsTheRegion(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1);
                GuestRam ram = GuestRam.ofMiB(8)) {
            rig.mallocDisk("disk", 4);
            BlkOptions options =
                    BlkOptions.of(2, 16).with(format).withTracking().withScratch(65_536);
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                for (int i = 0; i < 20; i++) {
                    byte[] data = new byte[4096];
                    new Random(i).nextBytes(data);
                    for (int n = 0; n <= i; n++) {
                        assertThat(blk.queue(i % 2).write(8, data).status()).isZero();
                    }
                    blk.reconnect(rig.socket("disk"));
                    assertThat(blk.queue(1).read(8, 4096).data()).isEqualTo(data);
                }
                // A driver that resets its device begins anew, with the same region.
                blk.stop();
                blk.start();
                assertThat(blk.queue(0).flush().status()).isZero();
                blk.stop();
                blk.resume();
                assertThat(blk.queue(0).flush().status()).isZero();
            }
            assertThat(rig.log().warnings()).isEmpty();
        }
    }

    /** Requests that the old session still has are its to answer, however fast the front end connects again. */
    @ParameterizedTest
    @EnumSource
    void theNextSessionWaitsForTheEndOfTheOldOne(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1);
                Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(4)) {
            HeldDisk disk = new HeldDisk("disk", arena.allocate(DISK), 100, 0);
            rig.disk(disk, false);
            BlkOptions options =
                    BlkOptions.of(1, 128).with(format).withTracking().withSlots(SLOTS, 512);
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                Load load = new Load(blk.queue(0));
                load.submit(20, new Random(1));
                Await.until("all are taken", () -> disk.seen().size() == 20);
                Thread late = new Thread(() -> {
                    Await.until(
                            "two sessions",
                            () -> rig.target().find("disk").sessions().size() == 2);
                    rig.reactor(0).execute(disk::endHeld);
                });
                late.start();
                blk.reconnect(rig.socket("disk"));
                late.join();
                Await.until("all are answered", () -> {
                    load.reap(SLOTS);
                    return load.out.isEmpty();
                });
                assertThat(disk.seen()).as("none was done twice").hasSize(20);
                assertThat(blk.messages().getVringBase(0))
                        .isEqualTo(blk.queue(0).ring().base());
            }
            assertThat(rig.log().warnings()).isEmpty();
            assertThat(rig.failures()).isEmpty();
        }
    }

    private static VhostUserFrontend negotiated(TargetRig rig, RingFormat format) throws IOException {
        VhostUserFrontend front = rig.connect("disk");
        front.setProtocolFeatures(front.getProtocolFeatures());
        front.acknowledge(true);
        long packed = format == RingFormat.PACKED ? VirtioFeature.RING_PACKED : 0;
        front.setFeatures(VirtioFeature.VERSION_1 | VirtioFeature.PROTOCOL_FEATURES | packed);
        return front;
    }

    @ParameterizedTest
    @CsvSource({"SPLIT, 1, 1", "SPLIT, 4, 128", "SPLIT, 2, 100", "PACKED, 1, 1", "PACKED, 4, 128", "PACKED, 3, 100"})
    void regionsAreAsLongAsTheSpecificationSays(RingFormat format, int queues, int size) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1)) {
            rig.mallocDisk("disk", 4);
            try (VhostUserFrontend front = negotiated(rig, format)) {
                InflightArea area = front.getInflightFd(queues, size);
                long each = format == RingFormat.SPLIT ? 16 + 16L * size : 32 + 32L * size;
                assertThat(area.bytes()).isEqualTo((each + 63) / 64 * 64 * queues);
                assertThat(area.offset()).isZero();
                try (Mapping mapping = Mapping.ofShared(area.fd(), 0, area.bytes(), true)) {
                    assertThat(mapping.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
                }
                front.setInflightFd(area);
                // Without the padding of the structure.
                byte[] unpadded = new Payload(20)
                        .u64(0, area.bytes())
                        .u16(16, queues)
                        .u16(18, size)
                        .bytes();
                front.tell(FrontendRequest.SET_INFLIGHT_FD, unpadded, area.fd());
                var reply = front.ask(
                        FrontendRequest.GET_INFLIGHT_FD,
                        new Payload(20).u16(16, queues).u16(18, size).bytes());
                assertThat(reply.fds()).hasSize(1);
                assertThat(reply.payload().getLong(0)).isEqualTo(area.bytes());
                reply.fds().getFirst().close();
                area.fd().close();
            }
        }
    }

    @Test
    void numbersThatCannotBeAreRefused() throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1)) {
            rig.mallocDisk("disk", 4);
            try (VhostUserFrontend front = negotiated(rig, RingFormat.SPLIT)) {
                InflightArea good = front.getInflightFd(2, 128);
                refuses(front, good, good.bytes(), 0, 0, 128);
                refuses(front, good, good.bytes(), 0, 257, 1);
                refuses(front, good, good.bytes(), 0, 2, 0);
                refuses(front, good, good.bytes(), 0, 2, 32_769);
                refuses(front, good, good.bytes(), 0, 3, 128);
                refuses(front, good, good.bytes() - 1, 0, 2, 128);
                refuses(front, good, -1, 0, 2, 128);
                refuses(front, good, Long.MIN_VALUE, 0, 2, 128);
                refuses(front, good, good.bytes(), 64, 2, 128);
                refuses(front, good, good.bytes(), 8, 1, 1);
                refuses(front, good, good.bytes(), -64, 1, 1);
                refuses(front, good, good.bytes(), Long.MAX_VALUE & -64, 1, 1);
                refuses(front, good, good.bytes() + 4096, 0, 2, 128);
                refuses(front, good, Long.MAX_VALUE, 0, 2, 128);
                assertThatThrownBy(() -> front.tell(
                                FrontendRequest.SET_INFLIGHT_FD,
                                new Payload(24)
                                        .u64(0, 4096)
                                        .u16(16, 1)
                                        .u16(18, 1)
                                        .bytes()))
                        .as("no descriptor")
                        .isInstanceOf(RefusedException.class);
                front.setInflightFd(good);
                good.fd().close();
            }
            try (VhostUserFrontend front = negotiated(rig, RingFormat.SPLIT)) {
                front.socket()
                        .send(
                                FrontendSocket.message(
                                        FrontendRequest.GET_INFLIGHT_FD,
                                        MessageHeader.VERSION,
                                        new Payload(24)
                                                .u16(16, 1000)
                                                .u16(18, 128)
                                                .bytes()),
                                List.of());
                front.socket().awaitClosed();
            }
        }
    }

    private static void refuses(
            VhostUserFrontend front, InflightArea area, long bytes, long offset, int queues, int size) {
        assertThatThrownBy(() -> front.setInflightFd(new InflightArea(bytes, offset, queues, size, area.fd())))
                .as("%d bytes at %d, %d queues of %d", bytes, offset, queues, size)
                .isInstanceOf(RefusedException.class);
    }

    /** The format is known from the features, which may come after the region. */
    @Test
    void aRegionThatIsTooShortForTheFormatThatComesAfterIt() throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1);
                GuestRam ram = GuestRam.ofMiB(2)) {
            rig.mallocDisk("disk", 4);
            try (VhostUserFrontend front = negotiated(rig, RingFormat.SPLIT)) {
                InflightArea area = front.getInflightFd(1, 64);
                front.setInflightFd(area);
                front.setFeatures(
                        VirtioFeature.VERSION_1 | VirtioFeature.PROTOCOL_FEATURES | VirtioFeature.RING_PACKED);
                front.setMemTable(ram);
                front.setVringNum(0, 64);
                front.setVringBase(0, 0x8000_8000);
                long user = ram.userAddress(8192);
                front.setVringAddr(0, user, user + 4096, user + 4100);
                assertThatThrownBy(() -> front.setVringKick(0, Optional.empty()))
                        .isInstanceOf(RefusedException.class);
                assertThat(front.getFeatures()).isNotZero();
                area.fd().close();
            }
            rig.awaitEndOfSessions("disk", 1);
            assertThat(rig.failures()).isEmpty();
        }
    }

    /** The front end can shorten the file: that ends its session and nothing else. */
    @ParameterizedTest
    @EnumSource
    void aRegionThatVanishes(RingFormat format) throws Exception {
        try (TargetRig rig = new TargetRig(IdleMode.INTERRUPT, 1)) {
            rig.mallocDisk("disk", 4);
            rig.mallocDisk("good", 4);
            Neighbour neighbour = new Neighbour(rig, "good");
            BlkOptions options =
                    BlkOptions.of(1, 64).with(format).withTracking().withScratch(4096);
            for (int kind = 0; kind < 3; kind++) {
                try (GuestRam ram = GuestRam.ofMiB(2);
                        BlkFrontend blk = rig.start("disk", ram, options)) {
                    assertThat(blk.queue(0).flush().status()).isZero();
                    Memfd.truncate(blk.inflight().orElseThrow().fd(), 0);
                    if (kind == 0) {
                        blk.queue(0).submit(0, BlkLayout.T_FLUSH, 0, 0);
                        blk.queue(0).kick();
                        blk.messages().socket().awaitClosed();
                    } else if (kind == 1) {
                        blk.messages().getVringBase(0);
                        assertThatThrownBy(() -> blk.messages()
                                        .setInflightFd(blk.inflight().orElseThrow()))
                                .isInstanceOf(RefusedException.class);
                    }
                }
                rig.awaitEndOfSessions("disk", kind + 1);
                neighbour.verify();
            }
            neighbour.close();
            assertThat(rig.failures()).isEmpty();
        }
    }
}
