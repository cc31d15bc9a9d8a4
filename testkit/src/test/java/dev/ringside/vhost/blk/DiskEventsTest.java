package dev.ringside.vhost.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.Reply;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.OpenFiles;
import dev.ringside.vhost.TargetRig;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.wire.BackendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Disks that grow, vanish or are slow while a guest uses them. */
class DiskEventsTest {
    private static final int MIB = 1 << 20;
    /** Longer than what a RAM disk does at once. */
    private static final int LONG = 2 * MIB;

    private static final int SLOTS = 4;

    private TargetRig rig;
    private GuestRam ram;
    private MallocBdev disk;

    @BeforeEach
    void start() throws Exception {
        rig = new TargetRig(IdleMode.ADAPTIVE, 2);
        disk = MallocBdev.create(new MallocOptions("disk", 512, 16L << 11));
        rig.disk(disk, false);
        ram = GuestRam.ofMiB(48);
    }

    @AfterEach
    void close() throws Exception {
        ram.close();
        rig.close();
        assertThat(rig.failures()).isEmpty();
    }

    @Test
    void tellsTheFrontEndOfAnotherCapacity() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(2, 32))) {
            UnixConnection channel = blk.backendRequests().orElseThrow();
            FrontendSocket requests = new FrontendSocket(channel);
            assertThat(blk.sectors()).isEqualTo(16L << 11);
            assertThat(blk.queue(0).read(16L << 11, 512).status()).isEqualTo(BlkLayout.S_IOERR);
            disk.resize(rig.registry(), 32L << 11);
            isToldOfAChange(requests);
            answer(requests, 0);
            byte[] capacity = blk.messages().getConfig(0, 8).orElseThrow();
            assertThat(ByteBuffer.wrap(capacity).order(ByteOrder.LITTLE_ENDIAN).getLong())
                    .isEqualTo(32L << 11);
            assertThat(blk.queue(0).read(16L << 11, 512).status()).isEqualTo(BlkLayout.S_OK);
            disk.resize(rig.registry(), 8L << 11);
            isToldOfAChange(requests);
            answer(requests, 0);
            assertThat(blk.queue(1).read(8L << 11, 512).status()).isEqualTo(BlkLayout.S_IOERR);
            requests.close();
        }
    }

    private static void isToldOfAChange(FrontendSocket requests) throws IOException {
        Reply told = requests.receive();
        assertThat(told.request()).isEqualTo(BackendRequest.CONFIG_CHANGE_MSG.code());
        assertThat(told.flags()).isEqualTo(MessageHeader.VERSION | MessageHeader.NEED_REPLY);
        assertThat(told.payload().limit()).isZero();
    }

    private static void answer(FrontendSocket requests, long result) throws IOException {
        byte[] reply = FrontendSocket.message(
                BackendRequest.CONFIG_CHANGE_MSG.code(),
                MessageHeader.VERSION | MessageHeader.REPLY,
                Long.BYTES,
                VhostUserFrontend.u64(result));
        requests.send(reply, List.of());
    }

    @Test
    void checksWhatTheFrontEndAnswers() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(1, 32))) {
            FrontendSocket requests = new FrontendSocket(blk.backendRequests().orElseThrow());
            disk.resize(rig.registry(), 32L << 11);
            isToldOfAChange(requests);
            answer(requests, 1);
            Await.until("the refusal is counted", () -> rig.counter("disk", "event_errors") == 1);
            disk.resize(rig.registry(), 33L << 11);
            isToldOfAChange(requests);
            disk.resize(rig.registry(), 34L << 11);
            disk.resize(rig.registry(), 35L << 11);
            assertThat(blk.queue(0).read(34L << 11, 512).status())
                    .as("nothing waits for the answer")
                    .isEqualTo(BlkLayout.S_OK);
            answer(requests, 0);
            isToldOfAChange(requests);
            requests.send(
                    new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, List.of());
            requests.awaitClosed();
            Await.until("nonsense is counted", () -> rig.counter("disk", "event_errors") == 2);
            assertThat(blk.queue(0).read(0, 512).status()).isEqualTo(BlkLayout.S_OK);
            requests.close();
        }
    }

    @Test
    void saysNothingWhileAllRingsAreStopped() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(2, 32))) {
            FrontendSocket requests = new FrontendSocket(blk.backendRequests().orElseThrow());
            blk.stop();
            disk.resize(rig.registry(), 32L << 11);
            requests.deadline(50);
            assertThatThrownBy(requests::receive).hasMessageContaining("no answer came");
            requests.deadline(FrontendSocket.DEADLINE_MS);
            blk.resume();
            isToldOfAChange(requests);
            answer(requests, 0);
            requests.close();
        }
    }

    @Test
    void failsRequestsOfADiskThatIsGone() throws Exception {
        try (BlkFrontend blk = rig.start("disk", ram, BlkOptions.of(2, 32))) {
            assertThat(blk.queue(0).read(0, 512).status()).isEqualTo(BlkLayout.S_OK);
            CompletableFuture<Void> gone = rig.registry().unregister("disk");
            Await.until("the disk is free", gone::isDone);
            for (BlkDriverQueue queue : blk.queues()) {
                assertThat(queue.read(0, 512).status()).isEqualTo(BlkLayout.S_IOERR);
                assertThat(queue.write(0, new byte[512]).status()).isEqualTo(BlkLayout.S_IOERR);
                assertThat(queue.getId().status()).isEqualTo(BlkLayout.S_OK);
            }
            blk.stop();
            blk.start();
            assertThat(blk.queue(1).flush().status()).isEqualTo(BlkLayout.S_IOERR);
            assertThatThrownBy(() -> rig.target().delete("disk")).isInstanceOf(VhostException.class);
        }
        rig.awaitEndOfSessions("disk", 1);
        rig.target().delete("disk");
        assertThat(rig.target().controllers()).isEmpty();
    }

    @Test
    void endsWhatIsInFlightBeforeTheRingStops() throws Exception {
        BlkOptions options = BlkOptions.of(1, 64).withSlots(SLOTS, LONG);
        try (BlkFrontend blk = rig.start("disk", ram, options)) {
            for (int round = 0; round < 30; round++) {
                submitLong(blk.queue(0));
                int base = blk.messages().getVringBase(0);
                int used = blk.queue(0).driver().ring().usedIndex();
                assertThat(used).as("every request that was taken has ended").isEqualTo(base);
                resume(blk, base);
            }
        }
    }

    private static void submitLong(BlkDriverQueue queue) {
        for (int slot = 0; slot < SLOTS; slot++) {
            int type = slot % 2 == 0 ? BlkLayout.T_OUT : BlkLayout.T_IN;
            assertThat(queue.submit(slot, type, slot * 4096L, LONG)).isTrue();
        }
        queue.kick();
    }

    /** Goes on where the ring stopped, and waits for all requests. */
    private static void resume(BlkFrontend blk, int base) throws Exception {
        BlkDriverQueue queue = blk.queue(0);
        blk.messages().setVringBase(0, base);
        blk.messages().setVringKick(0, Optional.of(queue.kickFd()));
        queue.kickFd().signal();
        for (int ended = 0; ended < SLOTS; ) {
            int slot = queue.reap();
            if (slot < 0) {
                queue.await();
            } else {
                assertThat(queue.status(slot)).isZero();
                ended++;
            }
        }
    }

    @Test
    void survivesAGuestThatDisappearsFromLongRequests() throws Exception {
        long mappings = OpenFiles.guestMappings();
        BlkOptions options = BlkOptions.of(2, 64).withSlots(SLOTS, LONG);
        for (int i = 0; i < 20; i++) {
            try (BlkFrontend blk = rig.start("disk", ram, options)) {
                blk.queues().forEach(DiskEventsTest::submitLong);
            }
            rig.awaitEndOfSessions("disk", i + 1);
        }
        Await.until("memory is unmapped", () -> OpenFiles.guestMappings() <= mappings);
    }

    @Test
    void closesATargetWithGuestsAtWork() throws Exception {
        BlkOptions options = BlkOptions.of(2, 64).withSlots(SLOTS, LONG);
        try (GuestRam other = GuestRam.ofMiB(48);
                BlkFrontend one = rig.start("disk", ram, options);
                BlkFrontend two = rig.start("disk", other, options)) {
            one.queues().forEach(DiskEventsTest::submitLong);
            two.queues().forEach(DiskEventsTest::submitLong);
            rig.target().close();
            one.messages().socket().awaitClosed();
            two.messages().socket().awaitClosed();
            for (BlkDriverQueue queue : one.queues()) {
                int taken = queue.driver().ring().usedIndex();
                for (int i = 0; i < taken; i++) {
                    assertThat(queue.status(queue.reap())).isZero();
                }
            }
        }
    }
}
