package dev.ringside.env.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which devices are refused before VFIO is asked, and in which ways it is asked. */
class VfioHostTest {
    @TempDir
    Path folder;

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

    @Test
    void aDeviceThatIommufdDoesNotGiveIsGotByItsGroup() throws IOException {
        PciDevice device = device(PciBus.VFIO_DRIVER, OptionalInt.of(987654), false);
        // No node, one that is not iommufd's, and a kernel that makes no nodes for devices.
        assertFallsBack(folder.resolve("iommu"), device, "open " + folder.resolve("iommu"));
        Path other = Files.writeString(folder.resolve("other"), "");
        assertFallsBack(other, device, "IOMMU_IOAS_ALLOC " + other + ": Inappropriate ioctl");
        PciDevice withoutNode = new PciDevice(
                device.address(),
                device.vendor(),
                device.device(),
                device.classCode(),
                device.driver(),
                device.iommuGroup(),
                false,
                Optional.empty(),
                device.numaNode());
        assertFallsBack(other, withoutNode, "find /dev/vfio/devices: No such file");
    }

    private static void assertFallsBack(Path iommu, PciDevice device, String reason) {
        DmaSpace dma = new DmaSpace();
        VfioHost fallingBack = new VfioHost(new IommufdDomain(dma, iommu), (function, way) -> function, () -> false);
        assertThatThrownBy(() -> fallingBack.open(device))
                .hasMessageContaining("open /dev/vfio/987654: No such file")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .satisfies(why -> assertThat(why).hasMessageContaining(reason)));
        assertThat(dma.active()).isFalse();
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
                Optional.of("vfio99"),
                OptionalInt.empty());
    }
}
