package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.scsi.HostState;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.queue.QueueStats;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.scsi.SimFault.Cure;
import dev.ringside.testkit.scsi.SimFault.Effect;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What disks and adapters do wrong: users see nothing of what passes, and the right error of what does not. */
class ScsiFaultTest {
    private static final long BYTES = 8 << 20;
    private static final int BLOCK = 512;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** Nothing takes too long but task management functions that are not answered. */
    private static final ScsiOptions PATIENT = new ScsiOptions(60_000, 3_000, 8, 2_000, false);

    @Test
    void whatPassesIsNotSeen() throws Exception {
        List<Effect> effects = List.of(
                new SimFault.SenseData(SenseKey.UNIT_ATTENTION, AdditionalSense.SCSI_BUS_RESET_OCCURRED),
                new SimFault.SenseData(
                        SenseKey.NOT_READY, AdditionalSense.LOGICAL_UNIT_IS_IN_PROCESS_OF_BECOMING_READY),
                new SimFault.SenseData(SenseKey.ABORTED_COMMAND, AdditionalSense.INTERNAL_TARGET_FAILURE),
                new SimFault.SenseData(SenseKey.HARDWARE_ERROR, AdditionalSense.INTERNAL_TARGET_FAILURE),
                new SimFault.SenseData(SenseKey.RECOVERED_ERROR, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION),
                new SimFault.Deferred(SenseKey.RECOVERED_ERROR, AdditionalSense.NO_ADDITIONAL_SENSE_INFORMATION),
                new SimFault.Deferred(SenseKey.MEDIUM_ERROR, AdditionalSense.WRITE_ERROR),
                new SimFault.Status(ScsiStatus.BUSY),
                new SimFault.Status(ScsiStatus.TASK_SET_FULL),
                new SimFault.Status(ScsiStatus.TASK_ABORTED),
                new SimFault.Way(HostStatus.TRANSPORT_ERROR),
                new SimFault.Way(HostStatus.ABORTED),
                new SimFault.Way(HostStatus.BUSY),
                new SimFault.CutShort(BLOCK));
        for (Effect effect : effects) {
            try (FaultBench bench = new FaultBench(List.of(SimFault.ofIo(effect, 3, 2)))) {
                bench.writeAndRead(16);
            } catch (AssertionError e) {
                throw new AssertionError(effect + ": " + e.getMessage(), e);
            }
        }
    }

    @Test
    void whatDoesNotPassIsAnErrorOfItsKind() throws Exception {
        record Case(Effect effect, int status) {}
        List<Case> cases = List.of(
                new Case(
                        new SimFault.SenseData(SenseKey.MEDIUM_ERROR, AdditionalSense.UNRECOVERED_READ_ERROR),
                        IoStatus.IO_ERROR),
                new Case(
                        new SimFault.SenseData(SenseKey.DATA_PROTECT, AdditionalSense.WRITE_PROTECTED),
                        IoStatus.READ_ONLY),
                new Case(
                        new SimFault.SenseData(
                                SenseKey.DATA_PROTECT, AdditionalSense.SPACE_ALLOCATION_FAILED_WRITE_PROTECT),
                        IoStatus.NO_SPACE),
                new Case(new SimFault.Status(ScsiStatus.RESERVATION_CONFLICT), IoStatus.IO_ERROR),
                new Case(new SimFault.Way(HostStatus.NO_DEVICE), IoStatus.NO_DEVICE),
                new Case(new SimFault.Way(HostStatus.REJECTED), IoStatus.IO_ERROR));
        for (Case each : cases) {
            try (FaultBench bench = new FaultBench(List.of(SimFault.ofIo(each.effect, 0, 1)))) {
                assertThat(bench.run(IoType.WRITE, 0, bench.memory(8))).isEqualTo(each.status);
                bench.writeAndRead(4);
            }
        }
    }

    @Test
    void aFailureThatDoesNotPassIsTriedAFewTimes() throws Exception {
        Effect effect = new SimFault.Way(HostStatus.TRANSPORT_ERROR);
        try (FaultBench bench = new FaultBench(List.of(SimFault.ofIo(effect, 0, 1000)))) {
            assertThat(bench.run(IoType.WRITE, 0, bench.memory(8))).isEqualTo(IoStatus.IO_ERROR);
            QueueStats stats = bench.disk.host.info().stats();
            assertThat(stats.retried()).isEqualTo(HostDisk.IMPATIENT.retries());
            assertThat(stats.failed()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Cure.class)
    void aCommandThatIsLostIsCarriedOutAllTheSame(Cure cure) throws Exception {
        try (FaultBench bench = new FaultBench(List.of(SimFault.ofIo(new SimFault.Lost(cure), 5, 1)))) {
            bench.writeAndRead(16);
            long resets = bench.disk.host.info().resets();
            boolean adapter = cure.compareTo(Cure.CONTROLLER_RESET) >= 0;
            assertThat(resets).as("resets of the adapter").isEqualTo(adapter ? 1 : 0);
            assertThat(bench.disk.host.info().stats().timeouts()).isPositive();
        }
    }

    /** No command has taken too long yet: the steps are taken because the adapter still has one. */
    @ParameterizedTest
    @EnumSource(Cure.class)
    void aResetOfADiskTakesTheStepsThatHelp(Cure cure) throws Exception {
        try (FaultBench bench = new FaultBench(
                SimHostSettings.of(SimDiskSettings.ssd("A", BLOCK, BYTES))
                        .withFaults(List.of(SimFault.ofIo(new SimFault.Lost(cure), 4, 1))),
                PATIENT)) {
            List<FaultBench.Request> requests = bench.submitMany(16);
            bench.reactor.await("a command to be lost", () -> bench.disk.sim().lostCommands() == 1, LIMIT);
            ScsiDisk disk = bench.disk.host.disks().getFirst();
            CompletableFuture<Void> reset = bench.disk.host.reset(disk);
            bench.reactor.await("a reset", reset::isDone, LIMIT);
            reset.join();
            bench.await(requests);
            assertThat(requests).allMatch(request -> request.status == IoStatus.OK);
            boolean adapter = cure.compareTo(Cure.CONTROLLER_RESET) >= 0;
            assertThat(bench.disk.host.info().resets())
                    .as("resets of the adapter")
                    .isEqualTo(adapter ? 1 : 0);
            assertThat(bench.disk.host.info().stats().retried()).isPositive();
            assertThat(bench.disk.host.info().stats().timeouts()).isZero();
            bench.writeAndRead(16);
        }
    }

    @Test
    void aDiskThatHasGoneIsNotReset() throws Exception {
        try (FaultBench bench = new FaultBench(List.of())) {
            assertThat(bench.disk.nextEvent()).isEqualTo("added sda");
            ScsiDisk disk = bench.disk.host.disks().getFirst();
            bench.disk.sim().pullOut(0);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
            assertThat(bench.disk.host.reset(disk))
                    .failsWithin(LIMIT)
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("sda has gone");
        }
    }

    @Test
    void aCommandThatIsLostAgainAndAgainFails() throws Exception {
        try (FaultBench bench = new FaultBench(
                SimHostSettings.of(SimDiskSettings.ssd("A", BLOCK, BYTES))
                        .withFaults(List.of(SimFault.ofIo(new SimFault.Lost(Cure.ABORT), 0, 1000))),
                new ScsiOptions(30, 200, 2, 1000, false))) {
            assertThat(bench.run(IoType.READ, 0, bench.memory(8))).isEqualTo(IoStatus.IO_ERROR);
        }
    }

    @Test
    void anAdapterThatFailsIsResetAndGoesOn() throws Exception {
        try (FaultBench bench = new FaultBench(List.of(SimFault.ofIo(new SimFault.AdapterFails(), 7, 1)))) {
            bench.writeAndRead(16);
            assertThat(bench.disk.host.info().resets()).isEqualTo(1);
            assertThat(bench.disk.host.state()).isEqualTo(HostState.ENABLED);
        }
    }

    /** The function would be waited for for ten minutes. */
    @Test
    void aTaskIsNotWaitedForWhenItsAdapterFails() throws Exception {
        try (FaultBench bench = new FaultBench(
                SimHostSettings.of(SimDiskSettings.ssd("A", BLOCK, BYTES))
                        .withFaults(List.of(SimFault.ofIo(new SimFault.Lost(Cure.CONTROLLER_RESET_ONLY), 4, 1))),
                new ScsiOptions(2_000, 600_000, 8, 2_000, false))) {
            List<FaultBench.Request> requests = bench.submitMany(16);
            bench.reactor.await(
                    "a task that is not answered", () -> bench.disk.sim().tasks() > 0, LIMIT);
            bench.disk.sim().fail();
            bench.await(requests);
            assertThat(requests).allMatch(request -> request.status == IoStatus.OK);
            assertThat(bench.disk.host.info().resets()).isEqualTo(1);
            bench.writeAndRead(16);
        }
    }

    @Test
    void anAdapterThatNeedsThreeResetsGetsThem() throws Exception {
        try (FaultBench bench = new FaultBench(
                SimHostSettings.of(SimDiskSettings.ssd("A", BLOCK, BYTES))
                        .withFaults(List.of(SimFault.ofIo(new SimFault.AdapterFails(), 3, 1)))
                        .withFailedResets(2),
                HostDisk.IMPATIENT)) {
            bench.writeAndRead(8);
            assertThat(bench.disk.host.info().resets()).isEqualTo(3);
        }
    }

    @Test
    void anAdapterThatCannotBeResetFailsEverythingUntilItCan() throws Exception {
        try (FaultBench bench = new FaultBench(
                SimHostSettings.of(SimDiskSettings.ssd("A", BLOCK, BYTES))
                        .withFaults(List.of(SimFault.ofIo(new SimFault.AdapterFails(), 0, 1)))
                        .withFailedResets(3),
                HostDisk.IMPATIENT)) {
            assertThat(bench.run(IoType.READ, 0, bench.memory(8))).isEqualTo(IoStatus.IO_ERROR);
            assertThat(bench.disk.host.state()).isEqualTo(HostState.FAILED);
            var reset = bench.disk.host.reset();
            bench.reactor.await("a reset", reset::isDone, LIMIT);
            bench.writeAndRead(8);
        }
    }

    @Test
    void aDiskThatIsPulledOutEndsEverythingAndComesBackUnderItsName() throws Exception {
        try (FaultBench bench = new FaultBench(List.of(SimFault.ofIo(new SimFault.PulledOut(), 4, 1)))) {
            assertThat(bench.disk.nextEvent()).isEqualTo("added sda");
            List<FaultBench.Request> requests = bench.submitMany(32);
            bench.await(requests);
            assertThat(requests).anyMatch(request -> request.status == IoStatus.NO_DEVICE);
            assertThat(requests)
                    .allMatch(request -> request.status == IoStatus.OK || request.status == IoStatus.NO_DEVICE);
            assertThat(bench.eventWhileTurning()).isEqualTo("removed sda");
            bench.disk.sim().plugIn(0);
            assertThat(bench.eventWhileTurning()).isEqualTo("added sda");
            assertThat(bench.run(IoType.READ, 0, bench.memory(8))).isEqualTo(IoStatus.NO_DEVICE);
        }
    }

    @Test
    void anAbortEndsARequestEarly() throws Exception {
        try (FaultBench bench = new FaultBench(
                SimHostSettings.of(SimDiskSettings.ssd("A", BLOCK, BYTES))
                        .withFaults(List.of(SimFault.ofIo(new SimFault.Lost(Cure.ABORT), 0, 1))),
                ScsiOptions.DEFAULT)) {
            FaultBench.Request request = bench.submit(IoType.READ, 0, bench.memory(8));
            bench.reactor.step();
            request.io.abort();
            bench.await(List.of(request));
            assertThat(request.status).isEqualTo(IoStatus.ABORTED);
        }
    }

    @Test
    void nothingIsCopiedThatTheAdapterReaches() throws Exception {
        try (FaultBench bench = new FaultBench(List.of())) {
            bench.writeAndRead(16);
            assertThat(bench.disk.host.info().stats().copied()).isZero();
        }
    }

    /** Faults at random on disks at random, by a seed: nothing is lost, and nothing is wrong. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void faultsAtRandom(int round) throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong()) + round;
        Random random = new Random(seed);
        HostCapabilities capabilities = new HostCapabilities(
                1 + random.nextInt(3), 8 + random.nextInt(200), 64 << 10, 4 + random.nextInt(60), 4, 0, 16);
        SimHostSettings settings = SimHostSettings.of(
                        SimDiskSettings.ssd("A", BLOCK, BYTES).withQueueDepth(2 + random.nextInt(40)))
                .withCapabilities(capabilities)
                .withFaults(SimFault.random(seed, 12, 400));
        try (FaultBench bench = new FaultBench(settings, HostDisk.STUBBORN)) {
            bench.writeAndRead(200);
        } catch (AssertionError e) {
            throw new AssertionError("-Dseed=" + (seed - round) + ", round " + round + ": " + e.getMessage(), e);
        }
    }
}
