package dev.ringside.testkit.mptsas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.host.ScsiTask.Function;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mptsas.MptsasDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What adapters do wrong, and what happens behind them: nothing is ended twice, and every wait ends. */
class MptsasFaultTest {
    private static final MptPatience IMPATIENT = new MptPatience(200, 200, 200);

    private final DmaSpace dma = new DmaSpace();
    // Made by start(), which each test calls with what it is about.
    @SuppressWarnings("NullAway.Init")
    private MptModel model;

    @SuppressWarnings("NullAway.Init")
    private DriverRig rig;

    @SuppressWarnings("NullAway.Init")
    private ScsiDevice device;

    /** With a disk that has told of its unit attention, which took two requests. */
    private void start(MptSettings settings) throws Exception {
        model = new MptModel(settings, dma);
        rig = new DriverRig(new MptsasDriver(model, IMPATIENT), model);
        device = rig.readyUnit(0);
        rig.told.clear();
    }

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    void repliesThatBelongToNothingAreCountedOnly() throws Exception {
        start(MptSettings.plain()
                .with(MptFault.of(MptFault.Kind.WRONG_REPLIES, 2, 3, 0), MptFault.of(MptFault.Kind.TWICE, 10, 2, 0)));
        rig.assertWorks(device);
        rig.driver().check();
        assertThat(rig.queue().poll(100)).isZero();
    }

    @Test
    void whatHangsIsAbortedAndEndsBeforeTheTask() throws Exception {
        start(MptSettings.plain().with(MptFault.of(MptFault.Kind.HANG, 2, 1, 0)));
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
        start(MptSettings.plain().withHighPriority().with(MptFault.of(MptFault.Kind.HANG, 2, 5, 0)));
        for (int tag = 0; tag < 5; tag++) {
            rig.submit(rig.prepareBlock(tag, device));
        }
        // The other FIFO overtakes what the IOC has not fetched.
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
        start(MptSettings.plain()
                .withHighPriority()
                .withDisks(new Disk(1, 512, 64, false).times(2))
                .with(MptFault.of(MptFault.Kind.HANG, 4, 2, 0)));
        LogicalUnitChecks.aResetIsAboutNoOther(rig, device);
    }

    /** Something stronger has to end it. */
    @ParameterizedTest
    @ValueSource(ints = {MptFault.UNIT_RESET, MptFault.TARGET_RESET, MptFault.ADAPTER_RESET})
    void whatDoesNotHelpSaysSo(int cure) throws Exception {
        start(MptSettings.plain().withHighPriority().with(MptFault.of(MptFault.Kind.HANG, 2, 1, cure)));
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
        start(MptSettings.plain());
        ScsiTarget nowhere = new ScsiTarget(0, 7, 0, ScsiTarget.Transport.SAS, 0, "", 0);
        assertThat(rig.reset(Function.LUN_RESET, DriverRig.unit(nowhere))).isFalse();
        rig.assertWorks(device);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anIocThatFailsIsResetAndForgetsWhatItHad(int attempt) throws Exception {
        start(MptSettings.plain().with(MptFault.of(MptFault.Kind.FAULT_STATE, 3, 1, 0x8112)));
        for (int tag = 0; tag < 6; tag++) {
            rig.submit(rig.prepareBlock(tag, device));
        }
        assertThat(rig.queue().poll(100)).isEqualTo(1);
        assertThatThrownBy(rig.driver()::check)
                .isInstanceOf(ScsiHostException.class)
                .hasMessageContaining("fault code 0x8112");
        List<ScsiTarget> before = List.of(device.target());
        rig.driver().resetController(attempt);
        rig.driver().check();
        assertThat(rig.driver().scanBus().getFirst()).isSameAs(before.getFirst());
        for (int tag = 1; tag < 6; tag++) {
            assertThat(rig.ends(tag)).as("the mid-layer has taken them back").isZero();
        }
        rig.assertWorks(device);
    }

    @Test
    void aLostReplyIsNoneUntilTheReset() throws Exception {
        start(MptSettings.plain().with(MptFault.of(MptFault.Kind.LOST_REPLY, 2, 1, 0)));
        rig.submit(rig.prepareBlock(9, device));
        assertThat(rig.run(rig.prepareBlock(8, device)).residual()).isZero();
        assertThat(rig.ends(9)).isZero();
        rig.driver().resetController(0);
        rig.assertWorks(device);
    }

    @Test
    void theHarderWayToResetIsTakenWhereTheOtherDoesNothing() throws Exception {
        start(MptSettings.plain().with(MptFault.of(MptFault.Kind.NO_MESSAGE_UNIT_RESET, 1, 1, 0)));
        rig.driver().resetController(0);
        rig.assertWorks(device);
    }

    @Test
    void aSlowIocIsWaitedForButNotForEver() throws Exception {
        start(MptSettings.plain()
                .with(
                        MptFault.of(MptFault.Kind.SLOW_READY, 1, 1, 100),
                        MptFault.of(MptFault.Kind.SLOW_READY, 2, 1, 100_000),
                        MptFault.of(MptFault.Kind.NO_RESET, 0, 1, 0)));
        rig.driver().resetController(0);
        rig.assertWorks(device);
        DriverRig.assertKind(() -> rig.driver().resetController(1), Kind.TIMEOUT);
        assertThat(model.reachesMemory()).as("an IOC in an unknown state").isFalse();
        assertThat(dma.mappedBytes()).isPositive();
        rig.driver().resetController(2);
        assertThat(model.reachesMemory()).isTrue();
        rig.assertWorks(device);
    }

    @Test
    void anIocThatDoesNotStartIsGivenUp() throws Exception {
        model = new MptModel(
                MptSettings.plain()
                        .with(
                                MptFault.of(MptFault.Kind.NO_MESSAGE_UNIT_RESET, 0, 9, 0),
                                MptFault.of(MptFault.Kind.NO_RESET, 0, 9, 0)),
                dma);
        model.fail(0x1234);
        DriverRig.assertKind(() -> new DriverRig(new MptsasDriver(model, IMPATIENT), model), Kind.TIMEOUT);
        assertThat(dma.active()).isFalse();
    }

    @Test
    void anAdapterOfTooFewRequestsIsRefused() throws Exception {
        model = new MptModel(MptSettings.plain().withDepths(4, 128), dma);
        DriverRig.assertKind(() -> new DriverRig(new MptsasDriver(model, IMPATIENT), model), Kind.UNSUPPORTED);
    }

    @Test
    void anAdapterThatIsPulledOutIsGone() throws Exception {
        start(MptSettings.plain().with(MptFault.of(MptFault.Kind.VANISH, 2, 1, 0)));
        rig.submit(rig.prepareBlock(0, device));
        assertThat(rig.queue().poll(100)).isZero();
        DriverRig.assertKind(rig.driver()::check, Kind.GONE);
        DriverRig.assertKind(() -> rig.driver().resetController(0), Kind.GONE);
    }

    @Test
    void eventsAreAcknowledgedHoweverManyThereAre() throws Exception {
        start(MptSettings.plain().with(MptFault.of(MptFault.Kind.EVENTS, 2, 5, 20)));
        rig.assertWorks(device);
        rig.awaitEnd("acknowledgements", () -> {
            rig.queue().poll(16);
            return model.unacknowledged() == 0;
        });
        assertThat(rig.told).contains("changed");
    }

    @Test
    void whatGoesAndComesIsToldWhileNothingIsInFlight() throws Exception {
        start(MptSettings.plain());
        model.remove(1, true);
        assertThat(rig.queue().poll(100)).as("polls without requests").isZero();
        rig.driver().check();
        assertThat(rig.told).containsExactly("removed 1", "changed");
        assertThat(rig.driver().scanBus()).extracting(ScsiTarget::id).containsExactly(4);
        assertThat(rig.run(rig.prepareBlock(0, device)).hostStatus()).isEqualTo(HostStatus.NO_DEVICE);

        model.add(new Disk(1, 512, 64, false));
        rig.driver().check();
        ScsiTarget again = rig.driver().scanBus().getFirst();
        assertThat(again.id()).isEqualTo(1);
        assertThat(again).isNotSameAs(device.target());
        rig.awaitEnd("acknowledgements", () -> model.unacknowledged() == 0);
    }

    @Test
    void whatGoesWithoutAWordIsNoticed() throws Exception {
        start(MptSettings.plain());
        model.remove(1, false);
        assertThat(rig.run(rig.prepareBlock(0, device)).hostStatus()).isEqualTo(HostStatus.NO_DEVICE);
        assertThat(rig.told).contains("changed");
        assertThat(rig.driver().scanBus()).extracting(ScsiTarget::id).containsExactly(4);
    }
}
