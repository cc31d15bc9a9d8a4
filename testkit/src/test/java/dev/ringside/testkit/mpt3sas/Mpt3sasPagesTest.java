package dev.ringside.testkit.mpt3sas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.scsi.host.SasDomain;
import dev.ringside.bdev.scsi.host.SasLink;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.mpi.Config;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.bdev.scsi.mpt3sas.mpi.IoUnitPage1;
import dev.ringside.bdev.scsi.mpt3sas.mpi.Pages;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SasDevicePage0;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.testkit.mpt3sas.Mpt3Settings.Shelf;
import dev.ringside.testkit.mptsas.DriverRig;
import dev.ringside.testkit.mptsas.MptSettings.Disk;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the driver learns from configuration pages, and what it does without one, or if the IOC fails to give it. */
class Mpt3sasPagesTest {
    private static final long EXPANDER_1 = 0x5005_0cc0_0000_0001L;
    private static final long EXPANDER_2 = 0x5005_0cc0_0000_0002L;
    private static final long DISK_1 = 0x5000_c500_0000_0001L;
    private static final long ADAPTER = Mpt3Topology.ADAPTER_ADDRESS;

    /** A SAS disk at the adapter, a SATA disk behind an expander with 4 phys to the adapter, and a SAS disk behind another that is behind the first. */
    private final Mpt3Settings settings = Mpt3Settings.plain()
            .withShelves(List.of(
                    new Shelf(0, List.of(new Disk(1, 512, 64, false))),
                    new Shelf(0, List.of(new Disk(2, 512, 64, true)), 4),
                    new Shelf(1, List.of(new Disk(3, 512, 64, false)))));

    private final DmaSpace dma = new DmaSpace();
    private Mpt3Model model;
    private DriverRig rig;

    Mpt3sasPagesTest() throws Exception {
        model = new Mpt3Model(settings, dma);
        rig = rig();
    }

    private DriverRig rig() throws Exception {
        return new DriverRig(new Mpt3sasDriver(model, MptPatience.DEFAULT), model);
    }

    /** In the place of the adapter that there is, another one. */
    private void attach(Consumer<Mpt3Model> change) throws Exception {
        rig.close();
        model = new Mpt3Model(settings, dma);
        change.accept(model);
        rig = rig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private List<SasLink> links() throws ScsiHostException {
        return rig.driver().scanBus().stream()
                .map(target -> target.link().orElseThrow())
                .toList();
    }

    @Test
    void tellsHowDisksAreAttached() throws Exception {
        assertThat(links())
                .containsExactly(
                        new SasLink(ADAPTER, 0, 12_000, 12_000),
                        new SasLink(EXPANDER_1, 4, 6_000, 12_000),
                        new SasLink(EXPANDER_2, 1, 12_000, 12_000));
        assertThat(rig.driver().domain())
                .isEqualTo(new SasDomain(
                        List.of(
                                new SasDomain.Port(0, DISK_1, 1, 1, 12_000),
                                new SasDomain.Port(1, EXPANDER_1, 4, 4, 12_000)),
                        List.of(
                                new SasDomain.Expander(EXPANDER_1, ADAPTER, 1, 9, "500a098000000002"),
                                new SasDomain.Expander(EXPANDER_2, EXPANDER_1, 2, 9, "500a098000000003")),
                        List.of()));
    }

    @ParameterizedTest
    @ValueSource(ints = {IocStatus.CONFIG_INVALID_PAGE, IocStatus.CONFIG_INVALID_TYPE, IocStatus.INTERNAL_ERROR})
    void withoutPagesOfPhysTheRateIsNotKnown(int iocStatus) throws Exception {
        model.refusePage(Pages.EXTPAGETYPE_SAS_PHY, 0, iocStatus);
        assertThat(links().getFirst()).isEqualTo(new SasLink(ADAPTER, 0, 0, 0));
        assertThat(links().get(1)).isEqualTo(new SasLink(EXPANDER_1, 4, 6_000, 12_000));
        model.refusePage(Pages.EXTPAGETYPE_SAS_PHY, 0, IocStatus.SUCCESS);
        model.refusePage(Pages.EXTPAGETYPE_SAS_EXPANDER, 1, iocStatus);
        assertThat(links())
                .containsExactly(
                        new SasLink(ADAPTER, 0, 12_000, 12_000),
                        new SasLink(EXPANDER_1, 4, 0, 0),
                        new SasLink(EXPANDER_2, 1, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {IocStatus.CONFIG_INVALID_PAGE, IocStatus.CONFIG_INVALID_TYPE, IocStatus.INTERNAL_ERROR})
    void withoutPortPagesAPortIsAsWideAsItsLinks(int iocStatus) throws Exception {
        rig.driver().scanBus();
        List<SasDomain.Port> before = rig.driver().domain().ports();
        model.refusePage(Pages.EXTPAGETYPE_SAS_PORT, 0, iocStatus);
        rig.driver().scanBus();
        assertThat(rig.driver().domain().ports()).isEqualTo(before);

        model.refusePage(Pages.EXTPAGETYPE_SAS_PORT, 0, IocStatus.SUCCESS);
        model.hotPlug().cut(2);
        rig.driver().scanBus();
        assertThat(rig.driver().domain().ports()).contains(new SasDomain.Port(1, EXPANDER_1, 4, 3, 12_000));
        model.refusePage(Pages.EXTPAGETYPE_SAS_PORT, 0, iocStatus);
        rig.driver().scanBus();
        assertThat(rig.driver().domain().ports()).contains(new SasDomain.Port(1, EXPANDER_1, 3, 3, 12_000));
    }

    @Test
    void withoutExpanderPagesDisksAreFoundAllTheSame() throws Exception {
        List<SasLink> before = links();
        model.refusePage(Pages.EXTPAGETYPE_SAS_EXPANDER, 0, IocStatus.CONFIG_INVALID_TYPE);
        assertThat(links()).isEqualTo(before);
        assertThat(rig.driver().domain().expanders()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {Config.EXTPAGETYPE_SAS_DEVICE, Pages.EXTPAGETYPE_SAS_EXPANDER})
    void aScanFailsIfItCannotTellWhatIsThere(int type) throws Exception {
        List<ScsiTarget> before = rig.driver().scanBus();
        model.refusePage(type, 0, IocStatus.INTERNAL_ERROR);
        assertThatThrownBy(() -> rig.driver().scanBus())
                .isInstanceOfSatisfying(
                        ScsiHostException.class, e -> assertThat(e.kind()).isEqualTo(Kind.STATUS))
                .hasMessageContaining("IOCStatus 0x0004");
        assertThat(rig.driver().domain().expanders()).as("of before").hasSize(2);
        model.refusePage(type, 0, IocStatus.SUCCESS);
        assertThat(rig.driver().scanBus()).isEqualTo(before);
    }

    @Test
    void withoutSasDevicePagesThereIsNothing() throws Exception {
        model.refusePage(Config.EXTPAGETYPE_SAS_DEVICE, 0, IocStatus.CONFIG_INVALID_PAGE);
        assertThat(rig.driver().scanBus()).isEmpty();
    }

    @Test
    void aDiskThatTakesNoCommandsIsRefusedWithTheReason() throws Exception {
        assertThat(rig.driver().scanBus()).hasSize(3);
        model.hotPlug().block(2, SasDevicePage0.ACCESS_SIF_AFFILIATION_CONFLICT);
        model.hotPlug().block(3, SasDevicePage0.ACCESS_DEVICE_BLOCKED);
        assertThat(rig.driver().scanBus()).extracting(ScsiTarget::sasAddress).containsExactly(DISK_1);
        assertThat(rig.driver().domain().refused())
                .containsExactly(
                        "disk 5000c50000000002 (enclosure 500a098000000002, slot 2): SATA initialization failed:"
                                + " affiliation conflict (access status 0x11)",
                        "disk 5000c50000000003 (enclosure 500a098000000003, slot 3): device blocked"
                                + " (access status 0x07)");
        model.hotPlug().block(2, 0);
        model.hotPlug().block(3, 0x1c);
        assertThat(rig.driver().scanBus()).hasSize(2);
        assertThat(rig.driver().domain().refused())
                .singleElement()
                .asString()
                .endsWith("SATA initialization failed (access status 0x1c)");
        model.hotPlug().block(3, 0x40);
        rig.driver().scanBus();
        assertThat(rig.driver().domain().refused()).singleElement().asString().endsWith("unknown (access status 0x40)");
    }

    @ParameterizedTest
    @ValueSource(ints = {IocStatus.CONFIG_INVALID_PAGE, IocStatus.INTERNAL_ERROR})
    void withoutEnclosurePagesEnclosuresHaveNumbers(int iocStatus) throws Exception {
        model.refusePage(Pages.EXTPAGETYPE_ENCLOSURE, 0, iocStatus);
        assertThat(rig.driver().scanBus())
                .extracting(ScsiTarget::location)
                .containsExactly("enclosure 1, slot 1", "enclosure 2, slot 2", "enclosure 3, slot 3");
        assertThat(rig.driver().domain().expanders())
                .extracting(SasDomain.Expander::enclosure)
                .containsExactly("2", "3");
    }

    /** How many commands each of the disks of another adapter is given at most. */
    private List<Integer> depths(Consumer<Mpt3Model> change) throws Exception {
        attach(change);
        return rig.driver().scanBus().stream().map(ScsiTarget::queueDepth).toList();
    }

    @Test
    void whereQueuingIsOffSataDisksGetOneCommandAtATime() throws Exception {
        assertThat(depths(adapter -> {})).containsExactly(254, 31, 254);
        int off = IoUnitPage1.FLAGS_NATIVE_COMMAND_Q_DISABLE;
        assertThat(depths(adapter -> adapter.ioUnitFlags(off))).containsExactly(254, 1, 254);
        assertThat(model.ioUnitFlags()).as("only read").isEqualTo(off);
    }

    @ParameterizedTest
    @ValueSource(ints = {IocStatus.CONFIG_INVALID_PAGE, IocStatus.INTERNAL_ERROR})
    void withoutIoUnitPage1QueuingIsOn(int iocStatus) throws Exception {
        assertThat(depths(adapter -> adapter.refusePage(Config.PAGETYPE_IO_UNIT, 1, iocStatus)))
                .containsExactly(254, 31, 254);
    }

    @ParameterizedTest
    @ValueSource(ints = {IocStatus.CONFIG_INVALID_PAGE, IocStatus.INTERNAL_ERROR})
    void withoutSasIoUnitPage1DepthsAreThoseOfTheDisks(int iocStatus) throws Exception {
        assertThat(depths(adapter -> adapter.refusePage(Pages.EXTPAGETYPE_SAS_IO_UNIT, 1, iocStatus)))
                .containsExactly(0, 32, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {IocStatus.CONFIG_INVALID_PAGE, IocStatus.INTERNAL_ERROR})
    void withoutSasIoUnitPage0TheAdapterHasNoAddressAndNoPorts(int iocStatus) throws Exception {
        assertThat(rig.driver().identity().sasAddress()).isEqualTo(ADAPTER);
        assertThat(depths(adapter -> adapter.refusePage(Pages.EXTPAGETYPE_SAS_IO_UNIT, 0, iocStatus)))
                .hasSize(3);
        assertThat(rig.driver().domain().ports()).isEmpty();
        assertThat(rig.driver().identity().sasAddress()).isZero();
    }

    @Test
    void withoutManufacturingPage0ThereIsNoAdapter() throws Exception {
        int status = IocStatus.CONFIG_INVALID_PAGE;
        assertThatThrownBy(() -> attach(adapter -> adapter.refusePage(Config.PAGETYPE_MANUFACTURING, 0, status)))
                .isInstanceOf(ScsiHostException.class)
                .hasMessageContaining("manufacturing page 0");
    }
}
