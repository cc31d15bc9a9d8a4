package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.testkit.mptsas.MptFault;
import dev.ringside.testkit.mptsas.MptFault.Kind;
import dev.ringside.testkit.scsi.FaultBench;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of the model, with the whole subsystem above the driver: users of a disk see nothing of what passes. */
class Mpt3sasDiskFaultTest {
    /** Requests by which the disk is found. */
    private static final int SPARED = 25;

    private static final MptPatience IMPATIENT = new MptPatience(2_000, 2_000, 2_000);

    private record Trouble(Kind kind, int argument) {
        MptFault after(int skip, int count) {
            return MptFault.of(kind, SPARED + skip, count, argument);
        }
    }

    static List<Trouble> passing() {
        Stream<Trouble> sense = IntStream.of(
                        // UNIT ATTENTION, NOT READY (becoming ready), ABORTED COMMAND, HARDWARE ERROR.
                        0x06_29_00, 0x06_3f_0e, 0x02_04_01, 0x0b_44_00, 0x04_44_00)
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
                new Trouble(Kind.HANG, 0),
                new Trouble(Kind.WRONG_REPLIES, 0),
                new Trouble(Kind.FAULT_STATE, 0x5854),
                new Trouble(Kind.EVENTS, 20));
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

    /** Faults at random, by a seed, with one queue and with several: nothing is lost, and nothing is wrong. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void faultsAtRandom(int round) throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong()) + round;
        Random random = new Random(seed);
        List<Trouble> troubles = passing();
        MptFault[] faults = Stream.generate(() -> troubles.get(random.nextInt(troubles.size())))
                .limit(8)
                .map(trouble -> trouble.after(random.nextInt(400), 1 + random.nextInt(2)))
                .toArray(MptFault[]::new);
        Mpt3Settings settings = Mpt3Settings.plain().with(faults);
        try (FaultBench bench = bench(round % 2 == 0 ? settings : settings.atomicQueues(4))) {
            bench.writeAndRead(200);
        } catch (AssertionError e) {
            throw new AssertionError("-Dseed=" + (seed - round) + ", round " + round + ": " + e.getMessage(), e);
        }
    }

    private static FaultBench bench(Mpt3Settings settings) throws Exception {
        return new FaultBench(dma -> new Mpt3sasDriver(new Mpt3Model(settings, dma), IMPATIENT));
    }
}
