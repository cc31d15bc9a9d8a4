package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.MortalTarget;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests in flight outlive the target that had taken them. */
class RecoveryTest {
    private static final int SLOTS = 60;
    private static final int DISK = 1 << 20;

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
        List<MortalTarget> targets = new ArrayList<>();
        BlkOptions options = BlkOptions.of(1, size)
                .with(format)
                .withTracking()
                .withSlots(SLOTS, 512)
                .withScratch(4096);
        try (GuestRam ram = GuestRam.ofMiB(4);
                Arena arena = Arena.ofShared()) {
            MemorySegment content = arena.allocate(DISK);
            targets.add(MortalTarget.ofBlk(content, 50, random.nextLong()));
            try (BlkFrontend blk = BlkFrontend.connect(targets.getLast().socket(), ram, options)) {
                Load load = new Load(blk.queue(0));
                for (int life = 0; life < 8; life++) {
                    liveAndDie(targets.getLast(), load, random);
                    List<Long> left = load.sectorsOut();
                    targets.add(MortalTarget.ofBlk(content, life == 7 ? 0 : 60, random.nextLong()));
                    blk.reconnect(targets.getLast().socket());
                    HeldDisk disk = targets.getLast().disk();
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
            for (MortalTarget target : targets) {
                target.close();
            }
        }
    }

    private static void liveAndDie(MortalTarget target, Load load, Random random) {
        for (int i = random.nextInt(6); i >= 0; i--) {
            load.submit(1 + random.nextInt(10), random);
            load.reap(random.nextInt(10));
        }
        if (random.nextBoolean()) {
            target.kill();
        } else {
            int before = target.disk().seen().size();
            long submitted = load.next;
            load.submit(1, random);
            if (load.next > submitted) {
                Await.until("a request is taken", () -> target.disk().seen().size() > before);
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
    void theLargestRingIsTracked(RingFormat format) throws Exception {
        Random random = new Random(Seed.of("the largest ring, " + format));
        BlkOptions options = BlkOptions.of(1, 32_768)
                .with(format)
                .withTracking()
                .withSlots(SLOTS, 512)
                .withScratch(4096);
        try (GuestRam ram = GuestRam.ofMiB(96);
                Arena arena = Arena.ofShared()) {
            MemorySegment content = arena.allocate(DISK);
            try (MortalTarget first = MortalTarget.ofBlk(content, 100, random.nextLong());
                    MortalTarget second = MortalTarget.ofBlk(content, 0, random.nextLong());
                    BlkFrontend blk = BlkFrontend.connect(first.socket(), ram, options)) {
                Load load = new Load(blk.queue(0));
                load.submit(SLOTS, random);
                List<Long> left = load.sectorsOut();
                Await.until("all are taken", () -> first.disk().seen().size() == left.size());
                first.kill();
                blk.reconnect(second.socket());
                Await.until("all are answered", () -> {
                    load.reap(SLOTS);
                    return load.out.isEmpty();
                });
                assertThat(second.disk().seen()).isEqualTo(left);
                assertThat(blk.stop()).containsExactly(blk.queue(0).ring().base());
            }
        }
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
}
