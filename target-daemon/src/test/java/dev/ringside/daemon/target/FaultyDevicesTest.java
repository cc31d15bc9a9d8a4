package dev.ringside.daemon.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.fault.DeviceFault;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultRun;
import dev.ringside.bdev.nvme.spec.ControllerRegisters;
import dev.ringside.bdev.scsi.mpt.MptPatience;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasDriver;
import dev.ringside.daemon.target.FaultInjections.Injection;
import dev.ringside.daemon.target.FaultInjections.Target;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.testkit.mpt3sas.Mpt3Model;
import dev.ringside.testkit.mpt3sas.Mpt3Settings;
import dev.ringside.testkit.nvme.NvmeModel;
import dev.ringside.testkit.nvme.NvmeModelSettings;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults of models of devices, as their drivers see them. */
class FaultyDevicesTest {
    private final FaultyDevices devices = new FaultyDevices();
    private final FaultInjections injections = new FaultInjections(new Disks(), new Controllers(), devices, () -> true);
    private PciFunction device;
    private Registers registers;

    @BeforeEach
    void admit() throws Exception {
        device = devices.admit(new NvmeModel(NvmeModelSettings.plain(9, 1 << 20), new DmaSpace()));
        registers = device.bar(0);
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void aDeviceHasItsFaultsUntilTheyAreStopped() throws Exception {
        int version = registers.read32(ControllerRegisters.VS);
        int id = injections.injectDevice(device.address(), List.of(fault(DeviceFault.Kind.GONE, Fault.ENDLESS)));
        assertThat(registers.read32(ControllerRegisters.VS)).isEqualTo(Registers.GONE);
        assertThat(registers.size()).isPositive();
        assertThat(injections.list()).extracting(Injection::id).containsExactly(id);

        injections.stop(id);
        assertThat(registers.read32(ControllerRegisters.VS)).isEqualTo(version);
        assertThat(injections.list()).isEmpty();
    }

    @Test
    void whatIsWrittenIsLostSoManyTimes() throws Exception {
        injections.injectDevice(device.address(), List.of(fault(DeviceFault.Kind.LOST_WRITES, 1)));
        registers.write32(ControllerRegisters.AQA, 0x10001);
        assertThat(registers.read32(ControllerRegisters.AQA)).isZero();
        registers.write32(ControllerRegisters.AQA, 0x10001);
        assertThat(registers.read32(ControllerRegisters.AQA)).isEqualTo(0x10001);
        Target target = injections.list().getFirst().target();
        assertThat(target.name()).isEqualTo(device.address().toString());
        assertThat(target.runs()).extracting(FaultRun::hits).containsExactly(1L);
    }

    @Test
    void faultsGoWithTheDevice() throws Exception {
        injections.injectDevice(device.address(), List.of(fault(DeviceFault.Kind.GONE, Fault.ENDLESS)));
        device.close();
        assertThat(injections.list()).isEmpty();
        assertThatThrownBy(() -> injections.injectDevice(device.address(), List.of()))
                .isInstanceOfSatisfying(
                        BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        admit();
        assertThat(registers.read32(ControllerRegisters.VS)).isNotEqualTo(Registers.GONE);
    }

    /** The driver of a SAS adapter finds it gone: the host and its bdevs go, and the adapter can be taken again. */
    @Test
    void anAdapterThatDoesNotAnswerIsLetGo() throws Exception {
        Disks disks = new Disks();
        ControlLock control = new ControlLock();
        ScsiHosts hosts = new ScsiHosts(disks, control, new VfioHost(new DmaSpace()), List.of());
        PciAddress address = takeAdapter(hosts, control);
        hosts.parts().create(new ScsiParts.Part("a", "sda", 0, 0));
        injections.injectDevice(address, List.of(fault(DeviceFault.Kind.GONE, Fault.ENDLESS)));
        await(() -> hosts.list().isEmpty() && devices.find(address).isEmpty());
        assertThat(disks.list()).isEmpty();
        assertThat(injections.list()).isEmpty();

        takeAdapter(hosts, control);
        await(() -> disks.made("a").isPresent());
        disks.close();
        hosts.close();
        assertThat(devices.find(address)).isEmpty();
    }

    private PciAddress takeAdapter(ScsiHosts hosts, ControlLock control) throws Exception {
        PciFunction adapter = devices.admit(new Mpt3Model(Mpt3Settings.plain(), new DmaSpace()));
        assertThat(control.change(
                        () -> hosts.adopt(adapter.address(), new Mpt3sasDriver(adapter, MptPatience.DEFAULT))))
                .containsExactly("sda", "sdb");
        return adapter.address();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("30 s have passed").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static DeviceFault fault(DeviceFault.Kind kind, long count) {
        return new DeviceFault(kind, new FaultRun(1, count, 0, Fault.ENDLESS, 7, System.nanoTime()));
    }
}
