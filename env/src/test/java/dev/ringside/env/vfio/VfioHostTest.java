package dev.ringside.env.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Which devices are refused before VFIO is asked. */
class VfioHostTest {
    private final VfioHost host = new VfioHost(new DmaSpace());

    @Test
    void aDeviceBehindNoIommuHasToBeAllowed() {
        assertThatThrownBy(() -> host.open(device(PciBus.VFIO_DRIVER, OptionalInt.of(0), true)))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                .hasMessageContaining("--allow-unsafe-noiommu");
        assertThatThrownBy(() -> host.open(device(PciBus.VFIO_DRIVER, OptionalInt.empty(), false)))
                .hasMessageContaining("behind no IOMMU");
    }

    @Test
    void aDeviceOfTheKernelsDriverIsNotTaken() {
        assertThatThrownBy(() -> host.open(device("nvme", OptionalInt.of(0), false)))
                .hasMessageContaining("ringside bind 0000:04:00.0");
    }

    private static PciDevice device(String driver, OptionalInt group, boolean noIommu) {
        return new PciDevice(
                new PciAddress(0, 4, 0, 0),
                0x1b36,
                0x10,
                PciDevice.NVME_CLASS,
                Optional.of(driver),
                group,
                noIommu,
                OptionalInt.empty());
    }
}
