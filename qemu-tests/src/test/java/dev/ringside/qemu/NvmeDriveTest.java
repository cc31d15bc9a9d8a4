package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.qemu.GuestShell.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/**
 * The daemon inside a guest, on NVMe drives that QEMU emulates behind an emulated IOMMU: none of the controller is of our
 * own making.
 */
@Timeout(900)
class NvmeDriveTest {
    private static final long DISK_BYTES = 48L << 20;
    private static final String FIXED = "0000:00:08.0";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void drivePassesTheSuiteOfAllDisks() throws Exception {
        VfioGuest guest = start(fixedDrive());
        String before = guest.ringside("devices");
        assertThat(before).containsPattern(FIXED + " .* nvme .*nvme0n1,nvme0n2");
        assertMountedIsRefused(guest);
        DriveSpeed kernel = DriveSpeed.ofKernel(guest, "nvme0n1", DriveSpeed.USUAL);
        guest.ringside("bind " + FIXED);
        assertThat(guest.ringside("devices")).containsPattern(FIXED + " .* vfio-pci ");

        guest.program("dev.ringside.testkit.nvme.DriveSuite", FIXED);
        List<DriveSpeed> ours = DriveSpeed.ofRingside(
                guest,
                "{\"method\": \"bdev_nvme_attach_controller\", \"params\": {\"name\": \"Nvme0\", \"trtype\": \"PCIe\","
                        + " \"traddr\": \"" + FIXED + "\"}}",
                "Nvme0n1",
                DriveSpeed.USUAL);
        System.out.println("4 KiB random reads, one at a time, of an emulated drive:");
        Stream.concat(Stream.of(kernel), ours.stream()).forEach(System.out::println);
        assertThat(ours).allMatch(speed -> speed.iops() > 0);

        guest.ringside("unbind " + FIXED);
        guest.run("for i in $(seq 100); do [ -e /sys/block/nvme0n1 ] && exit 0; sleep 0.1; done; exit 1");
    }

    @Test
    void guestMemoryIsReachedWithoutCopiesAndResetsLoseNothing() {
        VfioGuest guest = start(fixedDrive());
        guest.ringside("bind " + FIXED);
        guest.startDaemon();
        assertThat(guest.rpc("bdev_nvme_attach_controller", Map.of("name", "Nvme0", "trtype", "PCIe", "traddr", FIXED))
                        .toString())
                .isEqualTo("[\"Nvme0n1\",\"Nvme0n2\"]");
        JsonNode health = guest.rpc("bdev_nvme_get_controller_health_info", Map.of("name", "Nvme0"));
        assertThat(health.path("serial_number").asString("")).isEqualTo("ringside0");
        assertThat(health.path("temperature_celsius").asInt(0)).isPositive();
        for (int n = 1; n <= 2; n++) {
            guest.rpc("vhost_create_blk_controller", Map.of("ctrlr", "v" + n, "dev_name", "Nvme0n" + n));
            System.out.println(guest.load("v" + n, 5));
        }
        JsonNode statistics = controller(guest).path("statistics");
        assertThat(statistics.path("commands").asLong(0)).isPositive();
        assertThat(statistics.path("copied_requests").asLong(-1)).isZero();

        guest.startLoad("v1", 30, () -> commands(guest));
        for (int round = 0; round < 3; round++) {
            guest.rpc("bdev_nvme_reset_controller", Map.of("name", "Nvme0"));
        }
        assertThat(guest.loadResult()).startsWith("0\n");
        JsonNode after = controller(guest);
        System.out.println("NVMe in a guest: " + after);
        assertThat(after.path("resets").asInt(0)).isEqualTo(3);
        assertThat(after.path("state").asString("")).isEqualTo("enabled");
        assertThat(after.path("statistics").path("failed").asLong(-1)).isZero();

        guest.rpc("bdev_nvme_detach_controller", Map.of("name", "Nvme0"));
        assertThat(guest.rpc("bdev_get_bdevs", Map.of()).isEmpty()).isTrue();
    }

    @Test
    void driveIsPulledOutUnderLoadAndComesBack() {
        Path disk = bed.disk("hot", DISK_BYTES);
        String[] port = {"-device", "pcie-root-port,id=slot0,chassis=1,addr=9"};
        VfioGuest guest = start(Stream.concat(
                        Arrays.stream(port),
                        Stream.of(
                                "-drive",
                                "file=" + disk + ",if=none,id=hot,format=raw",
                                "-device",
                                "nvme,id=hotdrive,bus=slot0,serial=hot0,drive=hot"))
                .toArray(String[]::new));
        String address = guest.run("basename $(readlink -f /sys/class/nvme/nvme0/device)")
                .strip();
        guest.ringside("bind " + address);
        guest.startDaemon();
        guest.rpc("bdev_nvme_set_hotplug", Map.of("enable", true, "period_us", 200_000));
        guest.rpc("bdev_get_bdevs", Map.of("name", "HotInNvme0n1", "timeout", 30_000));
        guest.rpc("vhost_create_blk_controller", Map.of("ctrlr", "hot", "dev_name", "HotInNvme0n1"));
        guest.startLoad("hot", 60, () -> commands(guest));

        guest.guest().qmp().execute("device_del", Map.of("id", "hotdrive"));
        guest.guest().qmp().awaitEvent("DEVICE_DELETED", Duration.ofSeconds(60));
        assertThat(guest.loadResult()).doesNotStartWith("0\n");
        assertThat(guest.rpc("bdev_nvme_get_controllers", Map.of()).isEmpty()).isTrue();
        // Whatever went wrong on the way is in the log, which is the console.
        assertThat(bed.logText("nvme.console.log")).doesNotContain("Exception");
        assertThat(guest.rpc("bdev_get_bdevs", Map.of()).isEmpty()).isTrue();

        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "hot"));
        guest.guest()
                .qmp()
                .execute(
                        "device_add",
                        Map.of("driver", "nvme", "id", "again", "bus", "slot0", "serial", "hot0", "drive", "hot"));
        guest.run("for i in $(seq 100); do [ -e /sys/class/nvme/nvme*/device ] && exit 0; sleep 0.1; done; exit 1");
        guest.ringside("bind " + address);
        guest.rpc("bdev_get_bdevs", Map.of("name", "HotInNvme0n1", "timeout", 30_000));
        guest.rpc("vhost_create_blk_controller", Map.of("ctrlr", "hot", "dev_name", "HotInNvme0n1"));
        guest.load("hot", 3);
    }

    private String[] fixedDrive() {
        return new String[] {
            "-drive",
            "file=" + bed.disk("small-blocks", DISK_BYTES) + ",if=none,id=d1,format=raw",
            "-drive",
            "file=" + bed.disk("large-blocks", DISK_BYTES) + ",if=none,id=d2,format=raw",
            "-device",
            "nvme,id=ctl,serial=ringside0,addr=8",
            "-device",
            "nvme-ns,drive=d1,bus=ctl,nsid=1,logical_block_size=512,physical_block_size=512",
            "-device",
            "nvme-ns,drive=d2,bus=ctl,nsid=2,logical_block_size=4096,physical_block_size=4096"
        };
    }

    private VfioGuest start(String... devices) {
        VfioGuest guest = VfioGuest.start(bed, "nvme", List.of("nvme"), devices);
        guest.run(
                "for i in $(seq 100); do ls /sys/class/nvme/*/nvme*n1 >/dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1");
        return guest;
    }

    private static void assertMountedIsRefused(VfioGuest guest) {
        guest.run("mkfs.ext4 -q /dev/nvme0n2 && mount /dev/nvme0n2 /mnt/a");
        Outcome refused = guest.tryRingside("bind " + FIXED);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("/dev/nvme0n2 is in use");
        guest.run("umount /mnt/a");
    }

    private static long commands(VfioGuest guest) {
        return controller(guest).path("statistics").path("commands").asLong(0);
    }

    private static JsonNode controller(VfioGuest guest) {
        return guest.rpc("bdev_nvme_get_controllers", Map.of())
                .path(0)
                .path("ctrlrs")
                .path(0);
    }
}
