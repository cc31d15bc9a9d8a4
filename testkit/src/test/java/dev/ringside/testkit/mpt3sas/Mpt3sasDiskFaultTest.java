package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.MptFault;
import dev.ringside.testkit.mptsas.MptFault.Kind;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.testkit.scsi.FaultBench;
import dev.ringside.testkit.scsi.HostDisk;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of the model, with the whole subsystem above the driver: users of a disk see nothing of what passes. */
class Mpt3sasDiskFaultTest {
    /** Requests by which the disks are found, and some more. */
    private static final int SPARED = 30;

    private static final MptPatience IMPATIENT = new MptPatience(2_000, 2_000, 2_000);
    /** Less than a command may take. */
    private static final Duration SOON = Duration.ofSeconds(8);

    private final List<Mpt3Model> made = new ArrayList<>();

    @AfterEach
    void driversKeepToTheRules() {
        assertThat(made).isNotEmpty().flatExtracting(Mpt3Model::violations).isEmpty();
    }

    private record Trouble(Kind kind, int argument) {
        MptFault after(int skip, int count) {
            return MptFault.of(kind, SPARED + skip, count, argument);
        }
    }

    static List<Trouble> passing() {
        Stream<Trouble> sense = IntStream.of(
                        // UNIT ATTENTION, NOT READY (becoming ready), ABORTED COMMAND, HARDWARE ERROR.
                        0x06_29_00,
                        0x06_3f_0e,
                        0x02_04_01,
                        0x0b_44_00,
                        0x04_44_00,
                        MptFault.DESCRIPTORS | 0x06_29_00,
                        MptFault.DESCRIPTORS | 0x02_04_01,
                        MptFault.DESCRIPTORS | 0x0b_44_00)
                .mapToObj(what -> new Trouble(Kind.SENSE, what));
        Stream<Trouble> statuses = IntStream.of(ScsiStatus.BUSY, ScsiStatus.TASK_SET_FULL, ScsiStatus.TASK_ABORTED)
                .mapToObj(what -> new Trouble(Kind.SCSI_STATUS, what));
        Stream<Trouble> iocStatuses = IntStream.of(
                        IocStatus.BUSY,
                        IocStatus.INSUFFICIENT_RESOURCES,
                        IocStatus.SCSI_IO_DATA_ERROR,
                        IocStatus.SCSI_PROTOCOL_ERROR,
                        IocStatus.SCSI_TASK_TERMINATED,
                        IocStatus.SCSI_IOC_TERMINATED)
                .mapToObj(what -> new Trouble(Kind.IOC_STATUS, what));
        Stream<Trouble> others = Stream.of(
                new Trouble(Kind.LOST_REPLY, 0),
                new Trouble(Kind.HANG, MptFault.ABORT),
                new Trouble(Kind.HANG, MptFault.UNIT_RESET),
                new Trouble(Kind.HANG, MptFault.TARGET_RESET),
                new Trouble(Kind.HANG, MptFault.ADAPTER_RESET),
                new Trouble(Kind.WRONG_REPLIES, 0),
                new Trouble(Kind.FAULT_STATE, 0x5854),
                new Trouble(Kind.EVENTS, 20),
                new Trouble(Kind.MISSING, 5),
                new Trouble(Kind.MISSING, 300));
        return Stream.of(sense, statuses, iocStatuses, others)
                .flatMap(each -> each)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("passing")
    void whatPassesIsNotSeen(Trouble trouble) throws Exception {
        try (FaultBench bench = bench(Mpt3Settings.plain().with(trouble.after(3, 2)))) {
            bench.writeAndRead(16);
        }
    }

    /** The adapter is reset for what nothing weaker ends, and for nothing else. */
    @ParameterizedTest
    @ValueSource(ints = {MptFault.ABORT, MptFault.UNIT_RESET, MptFault.TARGET_RESET, MptFault.ADAPTER_RESET})
    void whatHangsIsEndedByTheWeakestThatHelps(int cure) throws Exception {
        Mpt3Settings settings = Mpt3Settings.plain().with(new Trouble(Kind.HANG, cure).after(3, 1));
        try (FaultBench bench = bench(settings)) {
            bench.writeAndRead(16);
            assertThat(bench.disk.host.info().resets()).isEqualTo(cure == MptFault.ADAPTER_RESET ? 1 : 0);
        }
    }

    private record Verdict(int sense, int status) {}

    /** Sense of the kinds that do not pass, each with the error that a user is told; and of those that are none. */
    static List<Verdict> lasting() {
        return List.of(
                // NO SENSE, RECOVERED ERROR and COMPLETED, with the data as it should be.
                new Verdict(0x00_00_00, IoStatus.OK),
                new Verdict(0x01_17_01, IoStatus.OK),
                new Verdict(0x0f_00_00, IoStatus.OK),
                // MEDIUM ERROR: unrecovered read error, write error.
                new Verdict(0x03_11_00, IoStatus.IO_ERROR),
                new Verdict(0x03_0c_00, IoStatus.IO_ERROR),
                // NOT READY: manual intervention required.
                new Verdict(0x02_04_03, IoStatus.IO_ERROR),
                // ILLEGAL REQUEST: out of range, invalid operation, unit not supported, invalid field.
                new Verdict(0x05_21_00, IoStatus.INVALID),
                new Verdict(0x05_20_00, IoStatus.NOT_SUPPORTED),
                new Verdict(0x05_25_00, IoStatus.NO_DEVICE),
                new Verdict(0x05_24_00, IoStatus.IO_ERROR),
                // DATA PROTECT: write protected, space allocation failed.
                new Verdict(0x07_27_00, IoStatus.READ_ONLY),
                new Verdict(0x07_27_07, IoStatus.NO_SPACE),
                // BLANK CHECK, VENDOR SPECIFIC, COPY ABORTED, VOLUME OVERFLOW, MISCOMPARE.
                new Verdict(0x08_00_00, IoStatus.IO_ERROR),
                new Verdict(0x09_80_01, IoStatus.IO_ERROR),
                new Verdict(0x0a_00_00, IoStatus.IO_ERROR),
                new Verdict(0x0d_00_00, IoStatus.IO_ERROR),
                new Verdict(0x0e_1d_00, IoStatus.IO_ERROR),
                // The other format.
                new Verdict(MptFault.DESCRIPTORS | 0x01_17_01, IoStatus.OK),
                new Verdict(MptFault.DESCRIPTORS | 0x03_11_00, IoStatus.IO_ERROR),
                new Verdict(MptFault.DESCRIPTORS | 0x05_21_00, IoStatus.INVALID),
                new Verdict(MptFault.DESCRIPTORS | 0x07_27_07, IoStatus.NO_SPACE));
    }

    /** One request is told of it, and no other. */
    @ParameterizedTest
    @MethodSource("lasting")
    void senseThatDoesNotPassIsTheErrorOfItsRequest(Verdict verdict) throws Exception {
        for (IoType type : List.of(IoType.WRITE, IoType.READ)) {
            Trouble trouble = new Trouble(Kind.SENSE, verdict.sense);
            try (FaultBench bench = bench(Mpt3Settings.plain().with(trouble.after(40, 1)))) {
                for (int i = 0; i < 100; i++) {
                    FaultBench.Request request = bench.submit(type, i * 8L, bench.memory(8));
                    bench.await(List.of(request));
                    if (request.status != IoStatus.OK) {
                        assertThat(request.status).as(type.name()).isEqualTo(verdict.status);
                        assertThat(bench.disk.host.info().stats().failed()).isEqualTo(1);
                    }
                }
                assertThat(bench.disk.host.info().stats().failed())
                        .as("requests that failed")
                        .isEqualTo(verdict.status == IoStatus.OK ? 0 : 1);
                bench.writeAndRead(8);
            }
        }
    }

    /** Nobody waits until the commands that look at disks have taken too long: requests would wait with them. */
    @Test
    void anAdapterThatFailsWhileItsDisksAreLookedAtIsResetSoon() throws Exception {
        HostDisk.Maker maker = dma -> driver(Mpt3Settings.plain(), dma);
        try (FaultBench bench = new FaultBench(maker, ScsiOptions.DEFAULT)) {
            Mpt3Model model = made.getFirst();
            ScsiHost host = bench.disk.host;
            model.hold();
            CompletableFuture<?> scan = host.rescan();
            bench.reactor.await("a look at a disk", () -> model.held() == 1, SOON);
            model.fail(0x5854);
            bench.reactor.await("a reset", () -> host.info().resets() == 1, SOON);
            model.release();
            bench.reactor.await("the end of the scan", scan::isDone, SOON);
            assertThat(host.disks()).hasSize(2);
            bench.writeAndRead(16);
        }
    }

    @Test
    void whatIsNotAlignedIsCopied() throws Exception {
        try (FaultBench bench = bench(Mpt3Settings.plain())) {
            MemorySegment memory = bench.memory(9);
            MemorySegment odd = memory.asSlice(2, 8 * 512);
            assertThat(bench.run(IoType.WRITE, 0, odd)).isEqualTo(IoStatus.OK);
            MemorySegment found = bench.memory(9).asSlice(6, 8 * 512);
            assertThat(bench.run(IoType.READ, 0, found)).isEqualTo(IoStatus.OK);
            assertThat(found.mismatch(odd)).isEqualTo(-1);
            assertThat(bench.disk.host.info().stats().copied()).isEqualTo(2);
        }
    }

    /** Faults at random, by a seed, with one queue and with several, at the adapter and behind expanders: nothing is lost, and nothing is wrong. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void faultsAtRandom(int round) throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong()) + round;
        Random random = new Random(seed);
        List<Trouble> troubles = passing();
        MptFault[] faults = Stream.generate(() -> troubles.get(random.nextInt(troubles.size())))
                .limit(8)
                .map(trouble -> trouble.after(random.nextInt(400), 1 + random.nextInt(2)))
                .toArray(MptFault[]::new);
        Mpt3Settings plain = Mpt3Settings.plain();
        List<Disk> disks = plain.shelves().getFirst().disks();
        List<Shelf> behindExpanders = List.of(
                new Shelf(0, List.of()), new Shelf(0, disks.subList(0, 1), 2), new Shelf(1, disks.subList(1, 2)));
        Mpt3Settings settings = (round % 4 < 2 ? plain : plain.withShelves(behindExpanders)).with(faults);
        try (FaultBench bench = bench(round % 2 == 0 ? settings : settings.atomicQueues(4))) {
            bench.writeAndRead(200);
        } catch (AssertionError e) {
            throw new AssertionError("-Dseed=" + (seed - round) + ", round " + round + ": " + e.getMessage(), e);
        }
    }

    private FaultBench bench(Mpt3Settings settings) throws Exception {
        return new FaultBench(dma -> driver(settings, dma));
    }

    private Mpt3sasDriver driver(Mpt3Settings settings, DmaSpace dma) throws LinuxException {
        Mpt3Model model = new Mpt3Model(settings, dma);
        made.add(model);
        return new Mpt3sasDriver(model, IMPATIENT);
    }
}
