package dev.ringside.env.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses, and what is found in a sysfs of our own making. */
class PciBusTest {
    private static final PciAddress DRIVE = new PciAddress(0, 4, 0, 0);

    @TempDir
    Path root;

    private PciBus bus = new PciBus();

    @BeforeEach
    void makeTree() throws IOException {
        Path device =
                Files.createDirectories(root.resolve("sys/bus/pci/devices").resolve(DRIVE.toString()));
        Files.writeString(device.resolve("vendor"), "0x1b36\n");
        Files.writeString(device.resolve("device"), "0x0010\n");
        Files.writeString(device.resolve("class"), "0x010802\n");
        Files.writeString(device.resolve("numa_node"), "-1\n");
        Files.createSymbolicLink(device.resolve("iommu_group"), Path.of("../../../../kernel/iommu_groups/17"));
        Files.createSymbolicLink(device.resolve("driver"), Path.of("../../drivers/nvme"));
        Files.createDirectories(root.resolve("sys/bus/pci/drivers/nvme"));
        Files.createDirectories(root.resolve("dev"));
        bus = new PciBus(root.resolve("sys"), root.resolve("dev"));
    }

    @ParameterizedTest
    @CsvSource({
        "0000:3b:00.0, 0000:3b:00.0",
        "3b:00.1, 0000:3b:00.1",
        "0000.3b.00.0, 0000:3b:00.0",
        "10000:1:1f.7, 10000:01:1f.7"
    })
    void addressesAreRead(String text, String expected) {
        assertThat(PciAddress.parse(text).orElseThrow()).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nvme0", "00:20.0", "00:00.8", "0000:00:00", "g:00.0", "0000:00:00.0 "})
    void whatIsNoAddressIsNone(String text) {
        assertThat(PciAddress.parse(text)).isEmpty();
    }

    @Test
    void aFunctionIsDescribed() throws IOException {
        PciDevice device = bus.find(DRIVE).orElseThrow();

        assertThat(bus.list()).containsExactly(device);
        assertThat(device.vendor()).isEqualTo(0x1b36);
        assertThat(device.isNvme()).isTrue();
        assertThat(device.isMassStorage()).isTrue();
        assertThat(device.driver()).isEqualTo(Optional.of("nvme"));
        assertThat(device.iommuGroup()).isEqualTo(OptionalInt.of(17));
        assertThat(device.noIommu()).isFalse();
        assertThat(device.numaNode()).isEmpty();
        assertThat(bus.find(new PciAddress(0, 5, 0, 0))).isEmpty();
    }

    @Test
    void aNodeOfItsOwnIsFound() throws IOException {
        assertThat(bus.find(DRIVE).orElseThrow().vfioDevice()).isEmpty();
        Path device = root.resolve("sys/bus/pci/devices").resolve(DRIVE.toString());
        Files.createDirectories(device.resolve("vfio-dev/vfio3"));
        // Registered, but this kernel makes no nodes.
        assertThat(bus.find(DRIVE).orElseThrow().vfioDevice()).isEmpty();
        Files.createDirectories(root.resolve("dev/vfio/devices/vfio3"));
        assertThat(bus.find(DRIVE).orElseThrow().vfioDevice()).contains("vfio3");
    }

    @Test
    void groupsThatVfioMadeAreNoProtection() throws IOException {
        Path group = Files.createDirectories(root.resolve("sys/kernel/iommu_groups/17"));
        Files.writeString(group.resolve("name"), "vfio-noiommu\n");
        assertThat(bus.find(DRIVE).orElseThrow().noIommu()).isTrue();
    }

    @Test
    void bindingNeedsVfioAndADevice() {
        assertThatThrownBy(() -> bus.bind(DRIVE))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
                .hasMessageContaining("modprobe vfio-pci");
        assertThatThrownBy(() -> bus.bind(new PciAddress(0, 5, 0, 0)))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
        assertThatThrownBy(() -> bus.unbind(DRIVE)).hasMessageContaining("it is with nvme");
    }

    @Test
    void bindingTellsTheKernel() throws IOException {
        Path pci = root.resolve("sys/bus/pci");
        Files.createDirectories(pci.resolve("drivers").resolve(PciBus.VFIO_DRIVER));
        // Nothing moves the device in this tree, so that it is still with its old driver at the end.
        assertThatThrownBy(() -> bus.bind(DRIVE)).hasMessageContaining("vfio-pci did not take it");

        Path device = pci.resolve("devices").resolve(DRIVE.toString());
        assertThat(device.resolve("driver_override")).hasContent("vfio-pci\n");
        assertThat(pci.resolve("drivers/nvme/unbind")).hasContent(DRIVE + "\n");
        assertThat(pci.resolve("drivers_probe")).hasContent(DRIVE + "\n");

        Files.delete(device.resolve("iommu_group"));
        assertThatThrownBy(() -> bus.bind(DRIVE)).hasMessageContaining("enable_unsafe_noiommu_mode=1");
    }

    /** As a service does at each of its starts. */
    @Test
    void whatVfioHasAlreadyIsBoundWithoutAWord() throws IOException {
        Path pci = root.resolve("sys/bus/pci");
        Path device = pci.resolve("devices").resolve(DRIVE.toString());
        Files.delete(device.resolve("driver"));
        Files.createSymbolicLink(
                device.resolve("driver"), Path.of("../../drivers").resolve(PciBus.VFIO_DRIVER));

        bus.bind(DRIVE);

        // The kernel was told nothing: a daemon that drives the device keeps it.
        assertThat(device.resolve("driver_override")).doesNotExist();
        assertThat(pci.resolve("drivers_probe")).doesNotExist();
        assertThat(bus.find(DRIVE).orElseThrow().driver()).isEqualTo(Optional.of(PciBus.VFIO_DRIVER));
    }

    @Test
    void registersAreWordsInOrder() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(16, 8);
            Registers registers = new Registers(memory);
            registers.write64(8, 0x1122_3344_5566_7788L);
            assertThat(registers.read32(8)).isEqualTo(0x5566_7788);
            assertThat(registers.read64(8)).isEqualTo(0x1122_3344_5566_7788L);
            assertThatThrownBy(() -> registers.read32(16)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
