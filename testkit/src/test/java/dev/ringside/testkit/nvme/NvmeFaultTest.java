package dev.ringside.testkit.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.fault.DeviceFault;
import dev.ringside.bdev.fault.FaultRun;
import dev.ringside.bdev.nvme.ControllerState;
import dev.ringside.bdev.nvme.NvmeException;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.bdev.nvme.spec.HealthLog;
import dev.ringside.testkit.nvme.Fault.Kind;
import dev.ringside.testkit.nvme.NvmeModelSettings.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What controllers do wrong, and how the driver bears it: nothing is lost, and nothing is answered twice. */
class NvmeFaultTest {
    private static final NvmeModelSettings PLAIN = NvmeModelSettings.plain(9, 16 << 20);

    private final List<DiskLoad> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (DiskLoad load : open) {
            load.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x006, 0x021, 0x022, 0x082})
    void passingErrorsAreTriedAgain(int status) throws Exception {
        DiskLoad load = load(ModelDisk.PATIENT, Fault.ofIo(Kind.STATUS, 3, 5, status));
        load.runVerified(16);
        assertThat(load.info().stats().retried()).isEqualTo(5);
        assertThat(load.info().stats().failed()).isZero();
    }

    @Test
    void errorsArePassedOnWhenTheyDoNotPass() throws Exception {
        DiskLoad load = load(
                ModelDisk.PATIENT,
                Fault.ofIo(Kind.STATUS, 0, 1, 0x281 | 1 << 14),
                Fault.ofIo(Kind.STATUS, 1, 1, 0x081 | 1 << 14),
                Fault.ofIo(Kind.STATUS, 2, 1, 0x006 | 1 << 14),
                Fault.ofIo(Kind.STATUS, 3, 1, 0x020 | 1 << 14));
        load.submit(IoType.WRITE, 5);
        load.await();
        assertThat(load.statuses)
                .containsExactly(
                        IoStatus.IO_ERROR, IoStatus.NO_SPACE, IoStatus.IO_ERROR, IoStatus.READ_ONLY, IoStatus.OK);
    }

    @Test
    void retriesEnd() throws Exception {
        DiskLoad load = load(new NvmeOptions(64, 10_000, 10_000, 3, false), Fault.ofIo(Kind.STATUS, 0, 1000, 0x006));
        load.submit(IoType.WRITE, 1);
        load.await();
        assertThat(load.statuses).containsExactly(IoStatus.IO_ERROR);
        assertThat(load.info().stats().commands()).isEqualTo(4);
    }

    @Test
    void aControllerMayAskForADelayBeforeTheRetry() throws Exception {
        ModelDisk disk = new ModelDisk(
                PLAIN.withRetryDelay(2).withFaults(List.of(Fault.ofIo(Kind.STATUS, 0, 1, 0x082 | 1 << 11))),
                new NvmeOptions(64, 10_000, 10_000, 3, false));
        DiskLoad load = load(disk);
        load.submit(IoType.WRITE, 1);
        long start = load.nowNs();
        load.await();
        assertThat(load.statuses).containsExactly(IoStatus.OK);
        assertThat(load.nowNs() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
    }

    @Test
    void commandsThatHangAreAbortedAndTriedAgain() throws Exception {
        DiskLoad load = load(ModelDisk.IMPATIENT, Fault.ofIo(Kind.HANG, 2, 3, 0));
        load.runVerified(16);
        assertThat(load.info().stats().timeouts()).isGreaterThanOrEqualTo(3);
        assertThat(load.info().resets()).isZero();
    }

    @Test
    void whatCannotBeAbortedLeadsToAReset() throws Exception {
        DiskLoad load = load(ModelDisk.IMPATIENT, Fault.ofIo(Kind.STUCK, 5, 2, 0));
        load.runVerified(32);
        assertThat(load.info().resets()).isEqualTo(1);
        assertThat(load.info().state()).isEqualTo(ControllerState.ENABLED);
    }

    @Test
    void aControllerThatFailsIsReset() throws Exception {
        DiskLoad load = load(ModelDisk.IMPATIENT, Fault.ofIo(Kind.FAIL, 7, 1, 0));
        load.runVerified(32);
        assertThat(load.info().resets()).isEqualTo(1);
    }

    @Test
    void aControllerThatDoesNotComeBackIsResetAsAFunction() throws Exception {
        DiskLoad load =
                load(ModelDisk.IMPATIENT, Fault.ofIo(Kind.FAIL, 7, 1, 0), Fault.atEnable(Kind.NO_ENABLE, 1, 1, 0));
        load.runVerified(32);
        assertThat(load.info().state()).isEqualTo(ControllerState.ENABLED);
    }

    @Test
    void aControllerThatNeverComesBackFailsUntilAResetSucceeds() throws Exception {
        DiskLoad load =
                load(ModelDisk.IMPATIENT, Fault.ofIo(Kind.FAIL, 3, 1, 0), Fault.atEnable(Kind.FAILED_ENABLE, 1, 3, 0));
        load.submit(IoType.WRITE, 16);
        load.await();
        assertThat(load.statuses).contains(IoStatus.IO_ERROR);
        assertThat(load.info().state()).isEqualTo(ControllerState.FAILED);
        load.submit(IoType.WRITE, 4);
        load.await();
        assertThat(load.statuses).containsOnly(IoStatus.IO_ERROR);

        CompletableFuture<Void> reset = load.disk.controller.reset();
        load.turnUntil("a reset", reset::isDone);
        reset.join();
        load.runVerified(16);
    }

    @Test
    void aSlowControllerIsWaitedForButNotForEver() throws Exception {
        DiskLoad load = load(ModelDisk.IMPATIENT, Fault.atEnable(Kind.SLOW_ENABLE, 0, 1, 300));
        load.runVerified(4);
        assertThatThrownBy(() -> new ModelDisk(
                        PLAIN.withFaults(List.of(Fault.atEnable(Kind.NO_ENABLE, 0, 1, 0))), ModelDisk.IMPATIENT))
                .isInstanceOfSatisfying(
                        NvmeException.class, e -> assertThat(e.kind()).isEqualTo(NvmeException.Kind.TIMEOUT))
                .hasMessageContaining("CAP.TO");
        assertThatThrownBy(() -> new ModelDisk(
                        PLAIN.withFaults(List.of(Fault.atEnable(Kind.FAILED_ENABLE, 0, 1, 0))), ModelDisk.IMPATIENT))
                .hasMessageContaining("CSTS.CFS");
    }

    @Test
    void anAdminCommandThatHangsLeadsToAReset() throws Exception {
        DiskLoad load = load(ModelDisk.IMPATIENT, new Fault(Kind.STUCK, Fault.ADMIN, 0x02, 0, 1, 0));
        load.runVerified(4);
        CompletableFuture<HealthLog> health = load.disk.controller.maintenance().health();
        load.turnUntil("health", health::isDone);
        assertThat(health).isCompletedExceptionally();
        load.turnUntil("a reset", () -> load.info().resets() == 1 && load.info().state() == ControllerState.ENABLED);
        load.runVerified(4);
    }

    @Test
    void identifiersThatAreNoneAndEndsThatComeTwiceAreCountedOnly() throws Exception {
        DiskLoad load = load(ModelDisk.PATIENT, Fault.ofIo(Kind.WRONG_ID, 1, 4, 0), Fault.ofIo(Kind.TWICE, 10, 1, 0));
        load.runVerified(8);
        assertThat(load.info().stats().strays()).isGreaterThanOrEqualTo(8);
    }

    @Test
    void aStormOfEventsDoesNotKeepRequestsWaiting() throws Exception {
        DiskLoad load = load(ModelDisk.PATIENT, Fault.ofIo(Kind.EVENTS, 0, 1, 500));
        load.runVerified(32);
        load.turnUntil("some events", () -> load.info().events() >= 8);
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "true, 32", "false, 0", "false, 32"})
    void aControllerThatGoesEndsEverything(boolean surprise, int inFlight) throws Exception {
        DiskLoad load = load(ModelDisk.IMPATIENT, Fault.ofIo(Kind.HANG, 0, 1000, 0));
        load.submit(IoType.WRITE, inFlight);
        if (surprise) {
            load.disk.model.vanish();
        } else {
            load.disk.model.askBack();
        }
        load.turnUntil("the end", () -> load.info().state() == ControllerState.REMOVED);
        load.await();
        assertThat(load.statuses).allMatch(status -> status == IoStatus.NO_DEVICE);
        assertThat(load.awaitEvent()).isEqualTo("gone Model");
        load.submit(IoType.READ, 2);
        load.await();
        assertThat(load.statuses).containsOnly(IoStatus.NO_DEVICE);
    }

    @Test
    void aDoorbellThatIsNotHeardIsMadeUpFor() throws Exception {
        DiskLoad load = load(ModelDisk.IMPATIENT);
        DeviceFault deaf = fault(DeviceFault.Kind.LOST_WRITES, 1);
        load.disk.function.set(List.of(deaf));
        load.runVerified(32);
        assertThat(deaf.run().hits()).isEqualTo(1);
    }

    @Test
    void aControllerThatDoesNotAnswerIsGone() throws Exception {
        DiskLoad load = load(ModelDisk.IMPATIENT);
        load.runVerified(4);
        load.disk.function.set(List.of(fault(DeviceFault.Kind.GONE, Long.MAX_VALUE)));
        assertThat(load.awaitEvent()).isEqualTo("gone Model");
        load.submit(IoType.READ, 2);
        load.await();
        assertThat(load.statuses).containsOnly(IoStatus.NO_DEVICE);
    }

    private static DeviceFault fault(DeviceFault.Kind kind, long count) {
        return new DeviceFault(kind, new FaultRun(1, count, 0, Long.MAX_VALUE, 7, System.nanoTime()));
    }

    @Test
    void namespacesComeAndGo() throws Exception {
        Namespace second = new Namespace(7, 12, 100, 0, 0);
        DiskLoad load = load(ModelDisk.PATIENT);
        load.disk.model.toggle(second);
        assertThat(load.awaitEvent()).isEqualTo("added Modeln7");
        assertThat(load.disk.controller.namespaces()).hasSize(2);
        load.disk.model.toggle(second);
        assertThat(load.awaitEvent()).isEqualTo("removed Modeln7");
        load.disk.model.resize(1, 1000);
        assertThat(load.awaitEvent()).isEqualTo("resized Modeln1 to 1000");
    }

    @Test
    void namespacesThatCannotBeDrivenAreRefusedWithAReason() throws Exception {
        ModelDisk disk = new ModelDisk(
                PLAIN.withNamespaces(
                        new Namespace(1, 9, 1000, 0, 0),
                        new Namespace(2, 9, 1000, 8, 0),
                        new Namespace(3, 12, 1000, 0, 2),
                        new Namespace(5, 8, 1000, 0, 0)),
                ModelDisk.PATIENT);
        DiskLoad load = load(disk);
        assertThat(disk.controller.namespaces()).hasSize(1);
        assertThat(load.info().refused())
                .hasSize(3)
                .anyMatch(reason -> reason.contains("namespace 2") && reason.contains("metadata"))
                .anyMatch(reason -> reason.contains("namespace 3") && reason.contains("zoned"))
                .anyMatch(reason -> reason.contains("namespace 5"));
        assertThat(disk.controller.maintenance().health().join().temperature()).isEqualTo(310);
        assertThat(disk.controller.maintenance().health().join().dataUnitsRead())
                .hasToString("18446744073709563961");
    }

    @Test
    void whatTheControllerReachesIsNotCopied() throws Exception {
        DiskLoad load = load(ModelDisk.PATIENT);
        load.runVerified(64);
        assertThat(load.info().stats().copied()).isZero();
        assertThat(load.info().stats().commands()).isEqualTo(128);
    }

    @Test
    void resetsUnderLoadLoseNothing() throws Exception {
        DiskLoad load = load(new NvmeOptions(33, 10_000, 10_000, 8, false));
        for (int round = 0; round < 20; round++) {
            load.submit(IoType.WRITE, 200);
            CompletableFuture<Void> reset = load.disk.controller.reset();
            load.await();
            load.turnUntil("a reset", reset::isDone);
            reset.join();
            assertThat(load.statuses).containsOnly(IoStatus.OK);
        }
        load.runVerified(200);
        assertThat(load.info().resets()).isEqualTo(20);
    }

    @Test
    void faultsAtRandom() throws Exception {
        long seed = Long.getLong("seed", new Random().nextLong());
        System.out.println("NVMe faults: -Dseed=" + seed);
        DiskLoad load = load(ModelDisk.STUBBORN, Fault.random(seed, 12, 1500).toArray(new Fault[0]));
        for (int round = 0; round < 5; round++) {
            load.runVerified(200);
        }
        assertThat(load.info().state()).isEqualTo(ControllerState.ENABLED);
    }

    private DiskLoad load(NvmeOptions options, Fault... faults) throws Exception {
        return load(new ModelDisk(PLAIN.withFaults(List.of(faults)), options));
    }

    private DiskLoad load(ModelDisk disk) throws Exception {
        DiskLoad load = new DiskLoad(disk);
        open.add(load);
        return load;
    }
}
