package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.qemu.DriveSpeed.Comparison;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Drives that QEMU emulates behind an emulated IOMMU are read through the kernel's own driver, and then by ours: the same disk, in the
 * same guest and run.
 */
@Timeout(600)
class DriveSpeedTest {
    private static final long DISK_BYTES = 48L << 20;
    private static final String ADDRESS = "0000:00:08.0";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    /** One read at a time takes less by our driver than by the kernel's at its best. */
    @Test
    void sasDisk() {
        List<Comparison> compared = compare(
                "mptsas",
                "sda",
                "{\"method\": \"scsi_host_attach\", \"params\": {\"traddr\": \"" + ADDRESS
                        + "\"}}, {\"method\": \"bdev_scsi_create\", \"params\": {\"name\": \"disk\", \"device\": \"sda\"}}",
                "disk",
                "mptsas1068,id=sas,addr=8",
                "scsi-hd,bus=sas.0,scsi-id=0,drive=d0,wwn=0x5000c50015ea71a0,serial=ringside0");
        assertThat(compared)
                .filteredOn(row -> row.kernel().reads().equals(DriveSpeed.USUAL))
                .as("faster than the kernel")
                .singleElement()
                .matches(Comparison::oursAreFaster);
    }

    @Test
    void nvmeDrive() {
        List<Comparison> compared = compare(
                "nvme",
                "nvme0n1",
                "{\"method\": \"bdev_nvme_attach_controller\", \"params\": {\"name\": \"Nvme0\", \"trtype\": \"PCIe\","
                        + " \"traddr\": \"" + ADDRESS + "\"}}",
                "Nvme0n1",
                "nvme,id=ctl,serial=ringside0,addr=8",
                "nvme-ns,bus=ctl,nsid=1,drive=d0");
        assertThat(compared)
                .allMatch(row -> row.bare().iops() > 0 && row.layered().iops() > 0);
    }

    /**
     * Compares.
     *
     * @param module of the kernel that drives the drive, and {@code device} its name there
     * @param calls that make a disk of it, and {@code disk} its name
     * @param devices of QEMU, with the drive d0
     */
    private List<Comparison> compare(String module, String device, String calls, String disk, String... devices) {
        VfioGuest guest = VfioGuest.start(
                bed,
                module,
                List.of(module),
                "-blockdev",
                "driver=raw,node-name=d0,file.driver=file,file.filename=" + bed.disk("disk", DISK_BYTES),
                "-device",
                devices[0],
                "-device",
                devices[1]);
        guest.run("for i in $(seq 100); do [ -b /dev/" + device + " ] && exit 0; sleep 0.1; done; exit 1");
        // Blocks that nobody has written are read faster than others.
        guest.run("dd if=/dev/zero of=/dev/" + device + " bs=1M count=" + (DISK_BYTES >> 20) + " oflag=direct");
        bed.step("boot");
        List<DriveSpeed> kernel = DriveSpeed.wanted().stream()
                .map(reads -> DriveSpeed.ofKernel(guest, device, reads))
                .toList();
        bed.step("fio");
        guest.ringside("bind " + ADDRESS);
        List<Comparison> all = DriveSpeed.compare(guest, calls, disk, kernel);
        System.out.println(Comparison.table(all));
        bed.step("perf hw");
        return all;
    }
}
