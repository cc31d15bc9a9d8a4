package dev.ringside.daemon.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.scsi.host.ScsiHostDriverProvider;
import dev.ringside.bdev.scsi.host.ScsiHostDriverProvider.PciId;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.vfio.VfioHost;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which driver an adapter gets, by the PCI ids that docs/mptsas.md and docs/mpt3sas.md name. */
class AdapterIdsTest {
    private static final int LSI_LOGIC = 0x1000;
    private static final int DOCUMENTED = 14;
    private static final PciAddress ADDRESS = new PciAddress(0, 0, 0, 0);

    @ParameterizedTest
    @CsvSource({
        "0x0050, mptsas",
        "0x0054, mptsas",
        "0x0056, mptsas",
        "0x0058, mptsas",
        "0x0062, mptsas",
        "0x0096, mpt3sas",
        "0x0097, mpt3sas",
        "0x00c4, mpt3sas",
        "0x00c9, mpt3sas",
        "0x00ac, mpt3sas",
        "0x00af, mpt3sas",
        "0x00d1, mpt3sas",
        "0x00e5, mpt3sas",
        "0x00e6, mpt3sas"
    })
    void eachAdapterHasItsDriver(String device, String driver) {
        assertThat(drivers(LSI_LOGIC, Integer.decode(device))).containsExactly(driver);
    }

    @Test
    void noneIsDrivenTwiceOrWithoutBeingDocumented() {
        List<PciId> ids = ScsiHosts.DRIVERS.stream()
                .flatMap(driver -> driver.ids().stream())
                .toList();
        assertThat(ids).doesNotHaveDuplicates().hasSize(DOCUMENTED);
    }

    /** An adapter of the generation before, whose registers are alike; and another maker's device. */
    @ParameterizedTest
    @CsvSource({"0x1000, 0x0072", "0x1000, 0x0087", "0x8086, 0x0097"})
    void othersHaveNone(String vendor, String device) {
        assertThat(drivers(Integer.decode(vendor), Integer.decode(device))).isEmpty();
    }

    /** The first function of this machine, which is a bridge to its processor; without PCI there is none. */
    @Test
    void whatHasNoDriverIsRefused() throws Exception {
        int errno = new PciBus().find(ADDRESS).isPresent() ? Errno.EINVAL : Errno.ENODEV;
        try (Disks disks = new Disks();
                ScsiHosts hosts =
                        new ScsiHosts(disks, new ControlLock(), new VfioHost(new DmaSpace()), ScsiHosts.DRIVERS)) {
            assertThatThrownBy(() -> hosts.attach(ADDRESS))
                    .isInstanceOfSatisfying(
                            BdevException.class, e -> assertThat(e.errno()).isEqualTo(errno));
            assertThat(hosts.list()).isEmpty();
        }
    }

    private static List<String> drivers(int vendor, int device) {
        PciDevice adapter = new PciDevice(
                ADDRESS,
                vendor,
                device,
                0x010700,
                Optional.empty(),
                OptionalInt.empty(),
                false,
                Optional.empty(),
                OptionalInt.empty());
        return ScsiHosts.DRIVERS.stream()
                .filter(driver -> driver.drives(adapter))
                .map(ScsiHostDriverProvider::name)
                .toList();
    }
}
