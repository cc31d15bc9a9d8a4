package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.host.ScsiTask.Function;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Event;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.scsi.ScsiStatus;
import dev.ringside.scsi.sense.Sense;
import dev.ringside.scsi.sense.SenseKey;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.DriverRig;
import dev.ringside.testkit.mptsas.LogicalUnitChecks;
import dev.ringside.testkit.mptsas.MptFault;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import dev.ringside.vhost.CapturedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What adapters do wrong, and what happens behind them: nothing is ended twice, and every wait ends. */
class Mpt3sasFaultTest {
    private static final MptPatience IMPATIENT = new MptPatience(200, 200, 200);

    private final DmaSpace dma = new DmaSpace();
    // Made by start(), which each test calls with what it is about.
    @SuppressWarnings("NullAway.Init")
    private Mpt3Model model;

    @SuppressWarnings("NullAway.Init")
    private DriverRig rig;

    @SuppressWarnings("NullAway.Init")
    private ScsiDevice device;

    /** With a disk that has told of its unit attention, which took two requests. */
    private void start(Mpt3Settings settings) throws Exception {
        model = new Mpt3Model(settings, dma);
        rig = new DriverRig(new Mpt3sasDriver(model, IMPATIENT), model);
        device = rig.readyUnit(0);
        rig.told.clear();
    }

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    private void poll() {
        while (rig.queue().poll(16) > 0) {
            // Until nothing is left.
        }
    }

    @Test
    void repliesThatBelongToNothingAreCountedOnly() throws Exception {
        start(Mpt3Settings.plain()
                .with(MptFault.of(MptFault.Kind.WRONG_REPLIES, 2, 3, 0), MptFault.of(MptFault.Kind.TWICE, 10, 2, 0)));
        rig.assertWorks(device);
        rig.driver().check();
        assertThat(rig.queue().poll(100)).isZero();
    }

    @Test
    void whatHangsIsAbortedAndEndsBeforeTheTask() throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.HANG, 2, 1, 0)));
        int before = rig.ends(7);
        ScsiCommand held = rig.prepareBlock(7, device);
        rig.submit(held);
        assertThat(rig.run(rig.prepareBlock(3, device)).hostStatus()).isEqualTo(HostStatus.DELIVERED);
        assertThat(rig.ends(7)).isEqualTo(before);
        assertThat(rig.abort(held)).isTrue();
        assertThat(rig.ends(7)).isEqualTo(before + 1);
        assertThat(held.hostStatus()).isEqualTo(HostStatus.ABORTED);
        rig.assertWorks(device);
    }

    @ParameterizedTest
    @EnumSource(
            value = Function.class,
            names = {"LUN_RESET", "TARGET_RESET"})
    void aResetEndsAllThatHangs(Function function) throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.HANG, 2, 5, 0)));
        for (int tag = 0; tag < 5; tag++) {
            rig.submit(rig.prepareBlock(tag, device));
        }
        assertThat(rig.queue().poll(100)).isZero();
        assertThat(rig.reset(function, device)).isTrue();
        for (int tag = 0; tag < 5; tag++) {
            assertThat(rig.command(tag).hostStatus()).isEqualTo(HostStatus.ABORTED);
        }
        assertThat(rig.told).isEmpty();
        rig.assertWorks(device);
        assertThat(rig.told).contains("attention");
    }

    @Test
    void aResetOfALogicalUnitIsAboutNoOther() throws Exception {
        start(Mpt3Settings.plain()
                .withShelves(List.of(new Shelf(0, List.of(new Disk(1, 512, 64, false).times(2)))))
                .with(MptFault.of(MptFault.Kind.HANG, 4, 2, 0)));
        LogicalUnitChecks.aResetIsAboutNoOther(rig, device);
    }

    /** Something stronger has to end it. */
    @ParameterizedTest
    @ValueSource(ints = {MptFault.UNIT_RESET, MptFault.TARGET_RESET, MptFault.ADAPTER_RESET})
    void whatDoesNotHelpSaysSo(int cure) throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.HANG, 2, 1, cure)));
        ScsiCommand held = rig.prepareBlock(7, device);
        rig.submit(held);
        assertThat(rig.queue().poll(100)).isZero();
        assertThat(rig.abort(held)).isFalse();
        assertThat(rig.reset(Function.LUN_RESET, device)).isEqualTo(cure == MptFault.UNIT_RESET);
        assertThat(rig.ends(7)).isEqualTo(cure == MptFault.UNIT_RESET ? 1 : 0);
        assertThat(rig.reset(Function.TARGET_RESET, device)).isEqualTo(cure != MptFault.ADAPTER_RESET);
        assertThat(rig.ends(7)).isEqualTo(cure == MptFault.ADAPTER_RESET ? 0 : 1);
        rig.driver().resetController(0);
        rig.driver().scanBus();
        rig.assertWorks(device);
    }

    @Test
    void aTaskForWhatIsNotThereIsNotPerformed() throws Exception {
        start(Mpt3Settings.plain());
        ScsiTarget nowhere = new ScsiTarget(0, 7, 0, ScsiTarget.Transport.SAS, 0, "", 99);
        assertThat(rig.reset(Function.LUN_RESET, DriverRig.unit(nowhere))).isFalse();
        rig.assertWorks(device);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anIocThatFailsIsResetAndForgetsWhatItHad(int attempt) throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.FAULT_STATE, 3, 1, 0x5854)));
        for (int tag = 0; tag < 6; tag++) {
            rig.submit(rig.prepareBlock(tag, device));
        }
        assertThat(rig.queue().poll(100)).isEqualTo(1);
        assertThatThrownBy(rig.driver()::check)
                .isInstanceOf(ScsiHostException.class)
                .hasMessageContaining("fault code 0x5854");
        rig.driver().resetController(attempt);
        rig.driver().check();
        assertThat(rig.driver().scanBus().getFirst()).isSameAs(device.target());
        for (int tag = 1; tag < 6; tag++) {
            assertThat(rig.ends(tag)).as("the mid-layer has taken them back").isZero();
        }
        rig.assertWorks(device);
    }

    /** Commands, errors and task management whose replies come by a queue of their own. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void eachQueueHasItsOwnRepliesAndTasks(int index) throws Exception {
        start(Mpt3Settings.plain()
                .atomicQueues(4)
                .with(
                        MptFault.of(MptFault.Kind.HANG, 2, 1, 0),
                        MptFault.of(MptFault.Kind.HANG, 4, 1, 0),
                        MptFault.of(MptFault.Kind.SENSE, 6, 1, 0x03_11_00)));
        ScsiHostQueue queue = rig.driver().queue(index);
        List<String> ends = new ArrayList<>();
        List<ScsiCommand> commands = new ArrayList<>();
        for (int tag = 0; tag < 2; tag++) {
            ScsiCommand command = new ScsiCommand(tag, done -> ends.add("command " + done.tag()));
            commands.add(copy(rig.prepareBlock(0, device), command));
        }
        ScsiTask task = new ScsiTask((done, performed) -> ends.add("task " + performed));
        for (boolean abort : new boolean[] {true, false}) {
            ends.clear();
            for (ScsiCommand command : commands) {
                assertThat(queue.queueCommand(command)).isEqualTo(ScsiHostQueue.QUEUED);
            }
            queue.commit();
            assertThat(rig.queue().poll(100)).as("replies in queue 0").isZero();
            assertThat(queue.poll(100)).isEqualTo(1);
            assertThat(ends).as("the first hangs").containsExactly("command 1");
            if (abort) {
                task.prepareAbort(commands.getFirst());
            } else {
                task.prepareReset(Function.TARGET_RESET, device);
            }
            assertThat(queue.queueTask(task)).isEqualTo(ScsiHostQueue.QUEUED);
            assertThat(queue.queueTask(task)).as("one at a time").isEqualTo(ScsiHostQueue.BUSY);
            queue.commit();
            assertThat(rig.queue().poll(100)).as("replies in queue 0").isZero();
            while (queue.poll(1) > 0) {
                // One after the other.
            }
            assertThat(ends).containsExactly("command 1", "command 0", "task true");
            assertThat(commands.getFirst().hostStatus()).isEqualTo(HostStatus.ABORTED);
        }
        assertThat(queue.queueCommand(commands.getFirst())).isEqualTo(ScsiHostQueue.QUEUED);
        queue.commit();
        assertThat(queue.poll(100)).isEqualTo(1);
        assertThat(commands.getFirst().scsiStatus()).isEqualTo(ScsiStatus.CHECK_CONDITION);
        assertThat(Sense.keyIn(commands.getFirst().sense(), commands.getFirst().senseLength()))
                .isEqualTo(SenseKey.MEDIUM_ERROR);
        rig.clearAttention(device);
        rig.assertWorks(device);
    }

    private static ScsiCommand copy(ScsiCommand from, ScsiCommand to) {
        System.arraycopy(from.cdb(), 0, to.cdb(), 0, ScsiCommand.CDB_BYTES);
        to.prepare(from.device(), from.cdbLength(), from.direction(), from.data(), 0);
        return to;
    }

    @Test
    void aLostReplyIsNoneUntilTheReset() throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.LOST_REPLY, 2, 1, 0)));
        rig.submit(rig.prepareBlock(9, device));
        assertThat(rig.run(rig.prepareBlock(8, device)).residual()).isZero();
        assertThat(rig.ends(9)).isZero();
        rig.driver().resetController(0);
        rig.assertWorks(device);
    }

    @Test
    void theDiagnosticResetIsTakenWhereTheMessageUnitResetDoesNothing() throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.NO_MESSAGE_UNIT_RESET, 1, 1, 0)));
        rig.driver().resetController(0);
        rig.assertWorks(device);
    }

    @Test
    void aSlowIocIsWaitedForButNotForEver() throws Exception {
        start(Mpt3Settings.plain()
                .with(
                        MptFault.of(MptFault.Kind.SLOW_READY, 1, 1, 100),
                        MptFault.of(MptFault.Kind.SLOW_READY, 2, 1, 100_000)));
        rig.driver().resetController(0);
        rig.assertWorks(device);
        DriverRig.assertKind(() -> rig.driver().resetController(1), Kind.TIMEOUT);
        assertThat(model.reachesMemory()).as("an IOC in an unknown state").isFalse();
        rig.driver().resetController(2);
        assertThat(model.reachesMemory()).isTrue();
        rig.assertWorks(device);
    }

    @Test
    void anAdapterOfTooFewRequestsIsRefused() throws Exception {
        model = new Mpt3Model(Mpt3Settings.plain().withCredit(5), dma);
        DriverRig.assertKind(() -> new DriverRig(new Mpt3sasDriver(model, IMPATIENT), model), Kind.UNSUPPORTED);
        assertThat(dma.active()).isFalse();
    }

    @Test
    void anAdapterThatIsPulledOutIsGone() throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.VANISH, 2, 1, 0)));
        rig.submit(rig.prepareBlock(0, device));
        assertThat(rig.queue().poll(100)).isZero();
        DriverRig.assertKind(rig.driver()::check, Kind.GONE);
        DriverRig.assertKind(() -> rig.driver().resetController(0), Kind.GONE);
    }

    @Test
    void eventsAreAcknowledgedHoweverManyThereAre() throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.EVENTS, 2, 5, 20)));
        rig.assertWorks(device);
        poll();
        assertThat(model.unacknowledged()).isZero();
        assertThat(rig.told).contains("changed");
    }

    @Test
    void whatGoesIsRemovedAndComesBackAsAnother() throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.HANG, 2, 1, 0)));
        rig.submit(rig.prepareBlock(5, device));
        int handle = model.hotPlug().remove(1);
        assertThat(model.knows(handle)).isTrue();
        rig.driver().check();
        poll();
        assertThat(rig.told).containsExactly("removed 0", "changed");
        assertThat(rig.command(5).hostStatus()).as("what it had ends").isEqualTo(HostStatus.ABORTED);
        assertThat(model.knows(handle)).as("the handshake is through").isFalse();
        assertThat(model.unacknowledged()).isZero();
        assertThat(rig.driver().scanBus()).extracting(ScsiTarget::id).containsExactly(1);
        assertThat(rig.run(rig.prepareBlock(0, device)).hostStatus()).isEqualTo(HostStatus.NO_DEVICE);

        rig.told.clear();
        model.hotPlug().add(new Disk(1, 512, 64, false));
        rig.driver().check();
        assertThat(rig.told).containsExactly("changed");
        ScsiTarget again = rig.driver().scanBus().getFirst();
        assertThat(again.sasAddress()).isEqualTo(device.target().sasAddress());
        assertThat(again).isNotSameAs(device.target());
        device = DriverRig.unit(again);
        rig.assertWorks(device);
    }

    @Test
    void whatIsSaidToHaveGoneAgainWhileItIsRemovedIsRemovedOnce() throws Exception {
        start(Mpt3Settings.plain());
        poll();
        int handle = model.hotPlug().remove(1);
        assertThat(rig.queue().poll(1)).as("the event").isEqualTo(1);
        assertThat(model.knows(handle)).as("a reset comes first").isTrue();
        model.hotPlug().tellRemoved(handle);
        poll();
        assertThat(model.knows(handle)).isFalse();
        assertThat(model.unacknowledged()).isZero();
    }

    @Test
    void aDeviceWhoseDelayHasNotPassedIsThereStill() throws Exception {
        start(Mpt3Settings.plain().with(MptFault.of(MptFault.Kind.HANG, 2, 1, 0)));
        rig.submit(rig.prepareBlock(5, device));
        int handle = model.hotPlug().lose(1);
        rig.driver().check();
        assertThat(rig.command(5).hostStatus()).as("what it had ends").isEqualTo(HostStatus.ABORTED);
        assertThat(rig.told).isEmpty();
        assertThat(device.target().isMissing()).isTrue();
        ScsiTarget.Absence absence = Objects.requireNonNull(device.target().absence());
        // The IOC waits for 30 s, the host for 10 s more.
        assertThat(absence.isOverdue(System.nanoTime() + 35_000_000_000L)).isFalse();
        assertThat(absence.isOverdue(System.nanoTime() + 41_000_000_000L)).isTrue();
        assertThat(rig.driver().scanBus().getFirst()).isSameAs(device.target());
        assertThat(rig.run(rig.prepareBlock(6, device)).hostStatus()).isEqualTo(HostStatus.ABORTED);

        model.hotPlug().comeBack(1);
        rig.driver().check();
        assertThat(rig.told).containsExactly("disturbed 0");
        assertThat(device.target().absence()).as("to be looked at").matches(again -> again.over());
        assertThat(model.knows(handle)).isTrue();
        rig.clearAttention(device);
        rig.assertWorks(device);
        assertThat(model.unacknowledged()).isZero();
    }

    @Test
    void aResetEndsTheDelayAndHandlesAreLearntAnew() throws Exception {
        start(Mpt3Settings.plain());
        ScsiTarget other = rig.driver().scanBus().get(1);
        model.hotPlug().lose(1);
        rig.driver().check();
        rig.driver().resetController(0);
        rig.driver().check();
        assertThat(other.isMissing()).as("until its handle is known").isTrue();
        assertThat(rig.driver().scanBus()).containsExactly(other);
        assertThat(other.isMissing()).isFalse();
    }

    @Test
    void aDelayThatBeginsBetweenAResetAndTheNextScanIsSeen() throws Exception {
        start(Mpt3Settings.plain());
        rig.driver().resetController(0);
        model.hotPlug().lose(1);
        rig.driver().check();
        assertThat(rig.driver().scanBus().getFirst()).isSameAs(device.target());
        assertThat(device.target().absence()).as("waited for").matches(absence -> !absence.over());
        model.hotPlug().comeBack(1);
        rig.driver().check();
        assertThat(rig.told).contains("disturbed 0");
        assertThat(device.target().absence()).as("to be looked at").matches(absence -> absence.over());
    }

    @Test
    void anAsynchronousEventHasTheBusScanned() throws Exception {
        start(Mpt3Settings.plain());
        model.tellBroadcast(Event.PRIMITIVE_ASYNCHRONOUS_EVENT);
        rig.driver().check();
        assertThat(rig.told).containsExactly("changed");
        poll();
        assertThat(model.unacknowledged()).isZero();
    }

    @Test
    void aResetByTheIocDisturbs() throws Exception {
        start(Mpt3Settings.plain());
        model.tellInternalReset(device.target().handle());
        rig.driver().check();
        assertThat(rig.told).containsExactly("disturbed 0");
        poll();
        assertThat(model.unacknowledged()).isZero();
    }

    @Test
    void aDiskThatExpectsToFailIsInTheLog() throws Exception {
        start(Mpt3Settings.plain());
        try (CapturedLog log = new CapturedLog()) {
            model.tellSmartData(device.target().handle(), 0x5d, 0x10);
            rig.driver().check();
            rig.driver().check();
            assertThat(log.warnings("0000:ed:00.0"))
                    .containsExactly(
                            "0000:ed:00.0: " + device.target() + " expects to fail (SMART data: ASC 5dh, ASCQ 10h)");
        }
        assertThat(rig.told).isEmpty();
        poll();
        assertThat(model.unacknowledged()).isZero();
    }
}
