package dev.ringside.daemon.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.fault.DeviceFault;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultRun;
import dev.ringside.bdev.nvme.spec.ControllerRegisters;
import dev.ringside.daemon.target.FaultInjections.Injection;
import dev.ringside.daemon.target.FaultInjections.Target;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import dev.ringside.testkit.nvme.NvmeModel;
import dev.ringside.testkit.nvme.NvmeModelSettings;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults of a model of an NVMe controller, as its driver sees them. */
class FaultyDevicesTest {
    private final FaultyDevices devices = new FaultyDevices();
    private final FaultInjections injections = new FaultInjections(new Disks(), new Controllers(), devices, true);
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

    private static DeviceFault fault(DeviceFault.Kind kind, long count) {
        return new DeviceFault(kind, new FaultRun(1, count, 0, Fault.ENDLESS, 7, System.nanoTime()));
    }
}
