package dev.ringside.vhost.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.reactor.IdleMode;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.FrontendSocket;
import dev.ringside.testkit.frontend.Payload;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.Await;
import dev.ringside.vhost.Generations;
import dev.ringside.vhost.TargetState;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.blk.BlkSettings;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.wire.FrontendRequest;
import dev.ringside.vhost.wire.MessageHeader;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Guests go from one target to another, and notice a pause at most. */
class HandoverTest {
    private static final int OK = 0;
    private static final String NAME = "disk";

    private Generations generations;
    private GuestRam ram;

    @BeforeEach
    void start() throws Exception {
        generations = new Generations(IdleMode.ADAPTIVE, with(BlkSettings.DEFAULT));
        ram = GuestRam.ofMiB(16);
    }

    @AfterEach
    void stop() throws Exception {
        generations.close();
        ram.close();
    }

    private static Generations.Configuration with(BlkSettings settings) {
        return (target, registry, cpus) -> target.createBlk(NAME, registry, Generations.DISK, settings, cpus);
    }

    @ParameterizedTest
    @CsvSource({"SPLIT, false", "SPLIT, true", "PACKED, false", "PACKED, true"})
    void aGuestUnderLoadGoesFromTargetToTarget(RingFormat format, boolean tracked) throws Exception {
        BlkOptions options = BlkOptions.of(2, 64).with(format).withCalls();
        try (BlkFrontend guest = connect(tracked ? options.withTracking() : options)) {
            List<WorkingGuest> load =
                    List.of(WorkingGuest.start(guest.queue(0), 0), WorkingGuest.start(guest.queue(1), 1));
            for (int i = 0; i < 5; i++) {
                long before = load.get(1).rounds();
                Await.until("work", () -> load.get(1).rounds() > before + 50);
                long time = generations.takeOver();
                System.out.println("hand-over within the process, " + format + ": " + time / 1000 + " us");
                assertThat(generations.sessions(NAME)).isEqualTo(1);
            }
            for (WorkingGuest one : load) {
                one.stop();
            }
            guest.stop();
        }
    }

    @ParameterizedTest
    @EnumSource(RingFormat.class)
    void aTargetThatIsNotReplacedGoesOn(RingFormat format) throws Exception {
        try (BlkFrontend guest =
                connect(BlkOptions.of(1, 64).with(format).withCalls().withTracking())) {
            WorkingGuest load = WorkingGuest.start(guest.queue(0), 0);
            for (int i = 0; i < 5; i++) {
                VhostTarget next = generations.successor();
                if (i > 0) {
                    TargetState state = generations.rest();
                    if (i > 1) {
                        next.adopt(state);
                    }
                }
                next.close();
                if (i > 0) {
                    generations.current().goOn();
                }
                long before = load.rounds();
                Await.until("work after failure " + i, () -> load.rounds() > before + 50);
            }
            generations.takeOver();
            load.stop();
            try (GuestRam itsRam = GuestRam.ofMiB(4);
                    BlkFrontend other = BlkFrontend.connect(generations.socket(NAME), itsRam, BlkOptions.of(1, 64))) {
                assertThat(generations.sessions(NAME)).isEqualTo(2);
                assertThat(other.queue(0).read(0, 512).status()).isEqualTo(OK);
            }
        }
    }

    @Test
    void aMessageThatIsHalfReadIsReadToItsEndElsewhere() throws Exception {
        try (BlkFrontend guest = connect(BlkOptions.of(1, 64).withCalls())) {
            byte[] call = FrontendSocket.message(
                    FrontendRequest.SET_VRING_CALL,
                    MessageHeader.VERSION,
                    new Payload(8).u64(0, 0).bytes());
            FrontendSocket socket = guest.messages().socket();
            // The descriptor comes with the first bytes.
            socket.send(Arrays.copyOf(call, 5), List.of(guest.queue(0).callFd().fd()));
            generations.takeOver();
            socket.send(Arrays.copyOfRange(call, 5, 14), List.of());
            generations.takeOver();
            socket.send(Arrays.copyOfRange(call, 14, call.length), List.of());
            assertThat(guest.messages().getFeatures()).isEqualTo(guest.offered());
            assertThat(guest.queue(0).write(0, new byte[512]).status()).isEqualTo(OK);
        }
    }

    @Test
    void ringsAreAsTheyWere() throws Exception {
        try (BlkFrontend guest = connect(BlkOptions.of(4, 64).withTracking())) {
            guest.messages().setVringEnable(1, false);
            final int base = guest.messages().getVringBase(2);
            SplitRing ring = guest.queue(3).driver().ring();
            ring.availableIndex(ring.availableIndex() + 1000);
            guest.queue(3).kickFd().signal();
            Await.until("a broken ring", () -> broken() == 1);
            generations.takeOver();
            Await.until("a broken ring here, too", () -> broken() == 1);
            assertThat(guest.queue(0).write(8, new byte[512]).status()).isEqualTo(OK);
            BlkDriverQueue disabled = guest.queue(1);
            assertThat(disabled.submit(0, BlkLayout.T_IN, 0, 512)).isTrue();
            disabled.kick();
            assertThat(guest.queue(0).read(8, 512).status()).isEqualTo(OK);
            assertThat(disabled.ring().hasUsed()).isFalse();
            guest.messages().setVringEnable(1, true);
            disabled.await();
            assertThat(guest.messages().getVringBase(2)).isEqualTo(base);
            guest.startQueue(2);
            guest.messages().setVringEnable(2, true);
            assertThat(guest.queue(2).write(8, new byte[512]).status()).isEqualTo(OK);
        }
    }

    private long broken() throws VhostException {
        return generations.current().find(NAME).counters().getOrDefault("broken_queues", 0L);
    }

    @Test
    void memoryComesAndGoesAfterwards() throws Exception {
        try (BlkFrontend guest = connect(BlkOptions.of(1, 64))) {
            generations.takeOver();
            guest.messages().setMemTable(ram);
            assertThat(guest.queue(0).write(8, new byte[4096]).status()).isEqualTo(OK);
            guest.stop();
            generations.takeOver();
            guest.resume();
            assertThat(guest.queue(0).read(8, 4096).status()).isEqualTo(OK);
        }
        Await.until("the end of the session", () -> generations.sessions(NAME) == 0);
    }

    @Test
    void whatTheGuestWasPromisedIsKeptOrTheOldOneStays() throws Exception {
        try (BlkFrontend guest = connect(BlkOptions.of(1, 64).withPackedRings())) {
            VhostTarget next = generations.successor(with(BlkSettings.DEFAULT.withPackedRing(false)));
            TargetState state = generations.rest();
            assertThatThrownBy(() -> next.adopt(state))
                    .isInstanceOf(VhostException.class)
                    .hasMessageContaining("disks0: SET_FEATURES with bits 0x400000000 that are not offered");
            next.close();
            generations.current().goOn();
            assertThat(guest.queue(0).write(0, new byte[512]).status()).isEqualTo(OK);
        }
    }

    /** A guest's driver that writes, reads and compares as fast as it can. */
    private static final class WorkingGuest {
        private final BlkDriverQueue queue;
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private volatile boolean stopping;
        private final AtomicLong rounds = new AtomicLong();

        private final int index;

        private WorkingGuest(BlkDriverQueue queue, int index) {
            this.queue = queue;
            this.index = index;
        }

        static WorkingGuest start(BlkDriverQueue queue, int index) {
            WorkingGuest guest = new WorkingGuest(queue, index);
            Thread.ofPlatform().daemon().start(guest::work);
            return guest;
        }

        long rounds() {
            if (end.isCompletedExceptionally()) {
                end.join();
            }
            return rounds.get();
        }

        void stop() throws Exception {
            stopping = true;
            end.get(30, TimeUnit.SECONDS);
        }

        private void work() {
            try {
                long own = index * 1024L;
                byte[] data = new byte[8192];
                while (!stopping) {
                    Arrays.fill(data, (byte) (rounds.get() + 1));
                    long sector = own + rounds.get() % 64 * 16;
                    assertThat(queue.write(sector, data).status()).isEqualTo(OK);
                    assertThat(queue.read(sector, data.length).data()).isEqualTo(data);
                    rounds.incrementAndGet();
                }
                end.complete(null);
            } catch (RuntimeException | Error e) {
                end.completeExceptionally(e);
            }
        }
    }

    private BlkFrontend connect(BlkOptions options) throws Exception {
        return BlkFrontend.connect(generations.socket(NAME), ram, options);
    }
}
