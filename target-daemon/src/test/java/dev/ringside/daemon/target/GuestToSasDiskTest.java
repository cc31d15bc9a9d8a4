package dev.ringside.daemon.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.daemon.target.ScsiParts.Part;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.scsi.cdb.Cdb;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.frontend.BlkResult;
import dev.ringside.testkit.frontend.ScsiFrontend;
import dev.ringside.testkit.frontend.ScsiResult;
import dev.ringside.testkit.frontend.UnitResets;
import dev.ringside.testkit.frontend.VerifiedLoad;
import dev.ringside.testkit.mpt3sas.Mpt3Settings;
import dev.ringside.testkit.mptsas.MptFault;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * From guests' rings to disks behind the model of a SAS adapter, and back, whatever happens to adapter and disks: what is read was
 * written, each request ends once, and nothing is copied.
 */
class GuestToSasDiskTest {
    private static final int MIB = 1 << 20;
    private static final int SECTOR = BlkLayout.SECTOR;
    /** A part of the disk, which does not begin at its beginning, and another one behind it. */
    private static final Part PART = new Part("part", "sda", MIB, 4 * MIB);

    private static final Part UNIT = new Part("unit", "sda", 5 * MIB, MIB);
    private static final long LUN = 0x0100_4000_0000_0000L;

    /** No command fails because it was in the way of too many faults. */
    private static final ScsiOptions OPTIONS = new ScsiOptions(30_000, 10_000, 100, 60_000, false);
    /** The same, but commands soon take too long. */
    private static final ScsiOptions IMPATIENT = new ScsiOptions(300, 300, 100, 60_000, false);

    /** Whose segments may be longer than the adapter takes. */
    private static final BlkOptions GUEST = BlkOptions.of(2, 128)
            .without(BlkLayout.SIZE_MAX)
            .withSlots(32, 64 << 10)
            .withCalls();

    private static final int SOME = 500;
    /** None of as many requests as there are ends for so long: they wait. */
    private static final long REST_NS = 100_000_000;

    private static Mpt3Settings settings(int queues) {
        Mpt3Settings settings = Mpt3Settings.plain();
        return queues == 1 ? settings : settings.atomicQueues(queues);
    }

    /** A load in a thread of its own. */
    private static final class Running implements AutoCloseable {
        private final GuestRam ram = GuestRam.ofMiB(32);
        private final BlkFrontend guest;
        private final VerifiedLoad load;
        private final AtomicBoolean enough = new AtomicBoolean();
        private final CompletableFuture<Void> end;

        Running(Path socket, RingFormat format) throws Exception {
            BlkOptions options = GUEST.with(format);
            guest = BlkFrontend.connect(socket, ram, options);
            load = new VerifiedLoad(guest, options, 7);
            end = CompletableFuture.runAsync(() -> load.run(enough::get));
            goOn();
        }

        /** Waits until it has done some more. */
        void goOn() {
            long before = load.ended();
            SasMachine.await("progress of the load", () -> end.isDone() || load.ended() >= before + SOME);
            assertThat(end).as("the load").isNotDone();
        }

        /** Waits until requests do not end any more. */
        void rest() {
            AtomicLong seen = new AtomicLong(-1);
            AtomicLong since = new AtomicLong();
            SasMachine.await("rest", () -> {
                long now = System.nanoTime();
                if (seen.getAndSet(load.ended()) != seen.get()) {
                    since.set(now);
                }
                return now - since.get() > REST_NS;
            });
        }

        /** Ends it, of which nothing has failed, and finds all that was written. */
        void finish() throws Exception {
            stop();
            assertThat(load.verifyAll()).isPositive();
            assertThat(load.failed()).isZero();
        }

        /** Ends it. */
        void stop() throws Exception {
            enough.set(true);
            end.get(60, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            enough.set(true);
            end.handle((done, failure) -> failure == null).join();
            guest.close();
            ram.close();
        }
    }

    private static void assertNothingCopied(SasMachine machine) {
        assertThat(machine.info().stats().commands()).isGreaterThan(SOME);
        assertThat(machine.info().stats().copied())
                .as("requests whose data was copied")
                .isZero();
    }

    private static void assertNothingFailedOrCopied(SasMachine machine) {
        assertThat(machine.info().stats().failed()).isZero();
        assertNothingCopied(machine);
    }

    @ParameterizedTest
    @CsvSource({"POLL, 1, SPLIT", "ADAPTIVE, 4, PACKED", "INTERRUPT, 4, SPLIT"})
    void whatIsReadWasWritten(IdleMode idle, int queues, RingFormat format) throws Exception {
        // Failures that pass, in the middle of it.
        Mpt3Settings settings = settings(queues)
                .with(
                        MptFault.of(MptFault.Kind.SENSE, 200, 2, 0x06_29_00),
                        MptFault.of(MptFault.Kind.SCSI_STATUS, 300, 2, 0x28));
        try (SasMachine machine = new SasMachine(settings, idle, OPTIONS)) {
            machine.part(PART);
            machine.part(UNIT);
            try (Running running = new Running(machine.blk("part"), format)) {
                byScsi(machine.scsi("s", "unit"), format);
                running.finish();
                anyLength(running.guest.queue(0));
            }
            assertThat(machine.info().stats().retried()).isPositive();
            assertNothingCopied(machine);
        }
    }

    /** Requests of a guest's SCSI driver, whose buffers are in pieces. */
    private static void byScsi(Path socket, RingFormat format) throws Exception {
        BlkOptions options = BlkOptions.of(1, 64).withScratch(64 << 10).with(format);
        Random random = new Random(11);
        try (GuestRam ram = GuestRam.ofMiB(16);
                ScsiFrontend guest = ScsiFrontend.connect(socket, ram, options)) {
            for (int i = 0; i < 3; i++) {
                // The unit's attention is told by one of them.
                guest.requests(0).execute(LUN, Cdb.of(Operation.TEST_UNIT_READY), new byte[0], 0);
            }
            for (int blocks = 1; blocks <= 128; blocks *= 2) {
                byte[] content = new byte[blocks * SECTOR];
                random.nextBytes(content);
                ScsiResult written =
                        guest.requests(0).execute(LUN, Cdb.range(Operation.WRITE_10, 3, blocks, 0), content, 0, 4096);
                assertThat(written.status()).isZero();
                ScsiResult found = guest.requests(0)
                        .execute(LUN, Cdb.range(Operation.READ_10, 3, blocks, 0), new byte[0], content.length, 4096);
                assertThat(found.data()).isEqualTo(content);
            }
        }
    }

    /** Requests of every length up to more than an adapter takes at once, and the last block. */
    private static void anyLength(BlkDriverQueue queue) {
        Random random = new Random(9);
        for (int sectors : new int[] {1, 2, 7, 8, 9, 64, 255, 1023, 2048}) {
            byte[] content = new byte[sectors * SECTOR];
            random.nextBytes(content);
            long sector = PART.size() / SECTOR - sectors;
            assertThat(queue.write(sector, content).status())
                    .as("write of %d sectors", sectors)
                    .isZero();
            BlkResult found = queue.read(sector, content.length);
            assertThat(found.status()).as("read of %d sectors", sectors).isZero();
            assertThat(found.data()).isEqualTo(content);
        }
        assertThat(queue.read(PART.size() / SECTOR, SECTOR).status()).isEqualTo(BlkLayout.S_IOERR);
    }

    @ParameterizedTest
    @CsvSource({"1, SPLIT", "4, PACKED"})
    void unitsAndTheAdapterAreResetUnderLoad(int queues, RingFormat format) throws Exception {
        try (SasMachine machine = new SasMachine(settings(queues), IdleMode.ADAPTIVE, OPTIONS)) {
            machine.part(PART);
            machine.part(UNIT);
            try (Running running = new Running(machine.blk("part"), format)) {
                UnitResets.main(new String[] {machine.scsi("s", "unit").toString(), "4"});
                running.goOn();
                for (int round = 1; round <= 3; round++) {
                    machine.hosts.reset(SasMachine.ADDRESS, Optional.empty());
                    assertThat(machine.info().resets()).isEqualTo(round);
                    running.goOn();
                }
                running.finish();
            }
            assertNothingFailedOrCopied(machine);
        }
    }

    /** An operator resets the disk alone, which has commands that never end otherwise: the load goes on, and fails nowhere. */
    @ParameterizedTest
    @CsvSource({"1, PACKED", "4, SPLIT"})
    void aDiskIsResetUnderLoad(int queues, RingFormat format) throws Exception {
        Mpt3Settings settings = settings(queues).with(MptFault.of(MptFault.Kind.HANG, 200, 3, 0));
        try (SasMachine machine = new SasMachine(settings, IdleMode.ADAPTIVE, OPTIONS)) {
            machine.part(PART);
            try (Running running = new Running(machine.blk("part"), format)) {
                for (int round = 1; round <= 3; round++) {
                    long retried = machine.info().stats().retried();
                    machine.hosts.reset(SasMachine.ADDRESS, Optional.of("sda"));
                    assertThat(machine.model.unitResets()).isEqualTo(round);
                    running.goOn();
                    assertThat(machine.info().stats().retried())
                            .as("commands that are carried out again")
                            .isGreaterThan(retried);
                }
                running.finish();
            }
            assertThat(machine.info().resets()).as("resets of the adapter").isZero();
            assertThat(machine.info().stats().timeouts()).isZero();
            assertNothingFailedOrCopied(machine);
        }
    }

    /** Commands that hang are aborted; what no task management function brings back ends with a reset of the adapter. */
    @ParameterizedTest
    @CsvSource({"1, PACKED", "4, SPLIT"})
    void commandsAreLostUnderLoad(int queues, RingFormat format) throws Exception {
        Mpt3Settings settings = settings(queues)
                .with(
                        MptFault.of(MptFault.Kind.HANG, 500, 3, 0),
                        MptFault.of(MptFault.Kind.WRONG_REPLIES, 1_000, 3, 0),
                        MptFault.of(MptFault.Kind.LOST_REPLY, 1_500, 2, 0));
        try (SasMachine machine = new SasMachine(settings, IdleMode.ADAPTIVE, IMPATIENT)) {
            machine.part(PART);
            try (Running running = new Running(machine.blk("part"), format)) {
                SasMachine.await("a reset", () -> machine.info().resets() > 0);
                running.goOn();
                running.finish();
            }
            assertThat(machine.info().stats().timeouts()).isPositive();
            assertNothingFailedOrCopied(machine);
        }
    }

    /** The adapter's firmware fails: on its own, by a request, and perhaps while it comes up again. */
    @ParameterizedTest
    @CsvSource({"ADAPTIVE, 1, PACKED", "INTERRUPT, 4, SPLIT"})
    void theAdapterFailsUnderLoad(IdleMode idle, int queues, RingFormat format) throws Exception {
        Mpt3Settings settings = settings(queues).with(MptFault.of(MptFault.Kind.FAULT_STATE, 600, 1, 0x2622));
        try (SasMachine machine = new SasMachine(settings, idle, OPTIONS)) {
            machine.part(PART);
            try (Running running = new Running(machine.blk("part"), format)) {
                for (int round = 1; round <= 2; round++) {
                    long before = machine.info().resets();
                    machine.model.fail(0x5854);
                    SasMachine.await("a reset", () -> machine.info().resets() > before);
                    running.goOn();
                }
                running.finish();
            }
            assertNothingFailedOrCopied(machine);
        }
    }

    /** A disk that is away for a while is waited for; one that has gone fails all, and its part comes back with it. */
    @ParameterizedTest
    @CsvSource({"1, SPLIT", "4, PACKED"})
    void aDiskIsPulledOutUnderLoadAndComesBack(int queues, RingFormat format) throws Exception {
        try (SasMachine machine = new SasMachine(settings(queues), IdleMode.ADAPTIVE, OPTIONS)) {
            machine.part(PART);
            try (Running running = new Running(machine.blk("part"), format)) {
                machine.model.hotPlug().lose(1);
                running.rest();
                machine.model.hotPlug().comeBack(1);
                running.goOn();
                assertThat(running.load.failed()).isZero();
                assertThat(machine.info().resets()).isZero();

                machine.model.hotPlug().remove(1);
                SasMachine.await(
                        "the end of the part", () -> machine.disks.made("part").isEmpty());
                SasMachine.await("requests that fail", () -> running.load.failed() > 0);
                running.goOn();
                running.stop();
            }
            SasMachine.await("the guest's end", () -> machine.guests("part") == 0);
            machine.target.delete("part");
            machine.model.hotPlug().add(new Disk(1, 512, 16_384, false));
            SasMachine.await("the part", () -> machine.disks.made("part").isPresent());
            try (Running running = new Running(machine.blk("part"), format)) {
                running.finish();
            }
            assertNothingCopied(machine);
        }
    }
}
