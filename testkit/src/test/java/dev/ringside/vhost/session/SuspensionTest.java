package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.RefusedException;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.HeldDisk;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.Seed;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import dev.ringside.vhost.wire.ProtocolFeature;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rings that are stopped with requests in flight, which go on elsewhere, and what a stop leaves when nobody hears of it. */
class SuspensionTest {
    private static final int SLOTS = 30;
    private static final int DISK = 1 << 20;
    private static final long INFLIGHT = ProtocolFeature.GET_VRING_BASE_INFLIGHT;
    private static final long SKIP_DRAIN = INFLIGHT | ProtocolFeature.GET_VRING_BASE_SKIP_DRAIN;

    /** From one target to another over the same disk, as in a migration, several times. */
    @ParameterizedTest
    @CsvSource({
        "SPLIT, 128, false, true",
        "PACKED, 128, false, true",
        "PACKED, 101, false, false",
        "SPLIT, 128, true, true",
        "PACKED, 128, true, false"
    })
    void requestsInFlightGoOnElsewhere(RingFormat format, int size, boolean ordered, boolean message) throws Exception {
        Random random = new Random(Seed.of("suspensions, " + format));
        BlkOptions options = BlkOptions.of(1, size).with(format).withTracking().withSlots(SLOTS, 512);
        try (Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(4);
                TargetRig one = new TargetRig(IdleMode.ADAPTIVE, 1);
                TargetRig two = new TargetRig(IdleMode.ADAPTIVE, 1)) {
            MemorySegment content = arena.allocate(DISK);
            List<TargetRig> rigs = List.of(one, two);
            List<HeldDisk> disks = List.of(
                    new HeldDisk("disk", content, 70, random.nextLong()),
                    new HeldDisk("disk", content, 70, random.nextLong()));
            one.disk(disks.get(0), false);
            two.disk(disks.get(1), false);
            try (BlkFrontend blk = BlkFrontend.connect(
                    one.socket("disk"),
                    ram,
                    ordered ? options.withOrder() : options,
                    message ? SKIP_DRAIN : INFLIGHT)) {
                BitSet out = new BitSet();
                for (int life = 0; life < 10; life++) {
                    HeldDisk disk = disks.get(life % 2);
                    int expected = disk.seen().size() + submit(blk.queue(0), out, random);
                    Await.until("all are taken", () -> disk.seen().size() >= expected);
                    stop(blk, message);
                    reap(blk.queue(0), out);
                    HeldDisk next = disks.get((life + 1) % 2);
                    int seen = next.seen().size();
                    blk.reconnect(rigs.get((life + 1) % 2).socket("disk"));
                    Await.until("what was left goes on", () -> next.seen().size() == seen + out.cardinality());
                    if (random.nextInt(3) == 0) {
                        end(rigs.get((life + 1) % 2), next, blk.queue(0), out);
                    }
                }
                end(one, disks.get(0), blk.queue(0), out);
                assertThat(blk.messages().getVringBase(0) & 0xffff)
                        .isEqualTo(blk.queue(0).ring().base() & 0xffff);
            }
            assertThat(one.failures()).isEmpty();
            assertThat(two.failures()).isEmpty();
        }
    }

    private static void stop(BlkFrontend blk, boolean message) throws Exception {
        blk.messages().setVringEnable(0, false);
        blk.stoppedAt(
                0,
                message
                        ? blk.messages().getVringBaseSkipDrain(0)
                        : blk.messages().getVringBase(0));
    }

    private static int submit(BlkDriverQueue queue, BitSet out, Random random) {
        int count = 0;
        for (int slot = out.nextClearBit(0); slot < SLOTS && random.nextInt(8) > 0; slot = out.nextClearBit(slot)) {
            int type = random.nextBoolean() ? BlkLayout.T_IN : BlkLayout.T_OUT;
            if (!queue.submit(slot, type, slot, 512, random.nextBoolean())) {
                break;
            }
            out.set(slot);
            count++;
        }
        queue.kick();
        return count;
    }

    private static void reap(BlkDriverQueue queue, BitSet out) {
        for (int slot = queue.reap(); slot >= 0; slot = queue.reap()) {
            assertThat(out.get(slot)).as("slot %d was out", slot).isTrue();
            assertThat(queue.status(slot)).isZero();
            out.clear(slot);
        }
    }

    private static void end(TargetRig rig, HeldDisk disk, BlkDriverQueue queue, BitSet out) {
        Await.until("all is answered", () -> {
            rig.reactor(0).execute(disk::endHeld);
            reap(queue, out);
            return out.isEmpty();
        });
    }

    /** A long request of a RAM disk is left in the middle, and done from its beginning afterwards. */
    @ParameterizedTest
    @EnumSource
    void aLongRequestIsLeftInTheMiddle(RingFormat format) throws Exception {
        int bytes = 8 << 20;
        BlkOptions options = BlkOptions.of(1, 32).with(format).withTracking().withSlots(3, bytes);
        try (GuestRam ram = GuestRam.ofMiB(40);
                TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1)) {
            rig.mallocDisk("disk", 32);
            try (BlkFrontend blk = BlkFrontend.connect(rig.socket("disk"), ram, options, SKIP_DRAIN)) {
                BlkDriverQueue queue = blk.queue(0);
                for (int round = 0; round < 5; round++) {
                    BitSet out = new BitSet();
                    for (int slot = 0; slot < 3; slot++) {
                        ram.fill(queue.dataAddress(slot), bytes, round + slot);
                        assertThat(queue.submit(slot, BlkLayout.T_OUT, slot * 16_384L, bytes))
                                .isTrue();
                        out.set(slot);
                    }
                    queue.kick();
                    blk.stoppedAt(0, blk.messages().getVringBaseSkipDrain(0));
                    reap(queue, out);
                    blk.reconnect(rig.socket("disk"));
                    Await.until("all is answered", () -> {
                        reap(queue, out);
                        return out.isEmpty();
                    });
                    for (int slot = 0; slot < 3; slot++) {
                        assertThat(queue.read(slot * 16_384L + 16_383, 512).data())
                                .containsOnly(round + slot);
                    }
                }
            }
        }
    }

    @Test
    void whoMaySkipDrainingStillMayDrain() throws Exception {
        try (Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(4);
                TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1)) {
            HeldDisk disk = new HeldDisk("disk", arena.allocate(DISK), 100, 1);
            rig.disk(disk, false);
            BlkOptions options = BlkOptions.of(1, 32).withTracking().withSlots(4, 512);
            try (BlkFrontend blk = BlkFrontend.connect(rig.socket("disk"), ram, options, SKIP_DRAIN)) {
                assertThat(blk.queue(0).submit(0, BlkLayout.T_IN, 0, 512)).isTrue();
                blk.queue(0).kick();
                Await.until("it is taken", () -> disk.seen().size() == 1);
                blk.messages()
                        .socket()
                        .send(
                                FrontendSocket.message(
                                        FrontendRequest.GET_VRING_BASE,
                                        MessageHeader.VERSION,
                                        VhostUserFrontend.state(0, 0)),
                                List.of());
                rig.reactor(0).execute(disk::endHeld);
                assertThat(blk.messages().socket().receive().payload().getInt(4))
                        .isEqualTo(1);
                assertThat(blk.queue(0).reap()).isZero();
            }
            try (VhostUserFrontend front = rig.connect("disk")) {
                long all = front.getProtocolFeatures();
                assertThat(all & SKIP_DRAIN).isEqualTo(SKIP_DRAIN);
                front.setProtocolFeatures(all);
                front.acknowledge(true);
                assertThatThrownBy(() -> front.setProtocolFeatures(all & ~ProtocolFeature.INFLIGHT_SHMFD))
                        .isInstanceOf(RefusedException.class);
                assertThatThrownBy(() -> front.setProtocolFeatures(all & ~INFLIGHT))
                        .isInstanceOf(RefusedException.class);
            }
        }
    }

    /** Whoever never heard where the ring stopped goes on with what it knows, which of a packed ring is where it began. */
    @ParameterizedTest
    @EnumSource
    void aStopThatNobodyHeardOfLeavesTheRegion(RingFormat format) throws Exception {
        try (Arena arena = Arena.ofShared();
                GuestRam ram = GuestRam.ofMiB(4);
                TargetRig rig = new TargetRig(IdleMode.ADAPTIVE, 1)) {
            HeldDisk disk = new HeldDisk("disk", arena.allocate(DISK), 100, 1);
            rig.disk(disk, false);
            BlkOptions options =
                    BlkOptions.of(1, 16).with(format).withTracking().withSlots(4, 512);
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                BlkDriverQueue queue = blk.queue(0);
                for (int round = 1; round <= 8; round++) {
                    one(rig, disk, queue);
                    int seen = disk.seen().size();
                    assertThat(queue.submit(0, BlkLayout.T_IN, 0, 512)).isTrue();
                    queue.kick();
                    Await.until("it is taken", () -> disk.seen().size() == seen + 1);
                    blk.messages()
                            .socket()
                            .send(
                                    FrontendSocket.message(
                                            FrontendRequest.GET_VRING_BASE,
                                            MessageHeader.VERSION,
                                            VhostUserFrontend.state(0, 0)),
                                    List.of());
                    blk.messages().socket().close();
                    // The ring drains when there is nobody any more to tell.
                    rig.reactor(0).execute(disk::endHeld);
                    blk.reconnect(rig.socket("disk"));
                    Await.until("it is answered", () -> queue.reap() == 0);
                }
                one(rig, disk, queue);
            }
        }
    }

    private static void one(TargetRig rig, HeldDisk disk, BlkDriverQueue queue) {
        assertThat(queue.submit(1, BlkLayout.T_IN, 0, 512)).isTrue();
        queue.kick();
        Await.until("it is answered", () -> {
            rig.reactor(0).execute(disk::endHeld);
            return queue.reap() == 1;
        });
    }
}
