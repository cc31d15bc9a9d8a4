package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.qemu.GuestShell.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/**
 * The daemon inside a guest, on NVMe drives that QEMU emulates behind an emulated IOMMU: none of the controllers is of our own
 * making. One guest goes through everything, because to start one, and a JVM in it, is what takes long.
 */
@Timeout(1200)
@Tag(VfioGuest.TAG)
class NvmeDriveTest {
    private static final long DISK_BYTES = 48L << 20;
    private static final int SECTOR = 512;
    private static final int ENODEV = 19;
    private static final String FIXED = "0000:00:08.0";
    /** The namespace whose last block cannot be read. */
    private static final int SPOILT = 3;

    private static final Map<String, ?> NVME0 = Map.of("name", "Nvme0");

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void drivesAreDrivenFromTheirTakingToTheirRemoval() throws Exception {
        VfioGuest guest = VfioGuest.startWithTwoReactors(
                bed,
                "nvme",
                List.of("nvme"),
                Stream.concat(fixedDrive(), hotDrive()).toArray(String[]::new));
        guest.run("for i in $(seq 300); do [ $(ls /dev/nvme*n* | wc -l) = 4 ] && exit 0; sleep 0.1; done; exit 1");
        String fixedName = kernelName(guest, "ringside0");
        String hot = guest.run("basename $(readlink -f /sys/class/nvme/" + kernelName(guest, "hot0") + "/device)")
                .strip();
        bed.step("boot");
        takeFromTheKernel(guest, fixedName, hot);
        bed.step("taken from the kernel");
        guest.program("dev.ringside.testkit.nvme.DriveSuite", FIXED + " " + SPOILT);
        bed.step("suite");

        guest.bind(hot);
        guest.startDaemon();
        assertThat(guest.rpc("bdev_nvme_attach_controller", Map.of("name", "Nvme0", "trtype", "PCIe", "traddr", FIXED))
                        .toString())
                .isEqualTo("[\"Nvme0n1\",\"Nvme0n2\",\"Nvme0n3\"]");
        assertThat(guest.rpc("bdev_get_bdevs", Map.of("name", "Nvme0n1"))
                        .at("/0/supported_io_types/copy")
                        .asBoolean())
                .as("whether the suite has copied by the drive's own command")
                .isTrue();
        guest.rpc("bdev_nvme_set_hotplug", Map.of("enable", true, "period_us", 200_000));
        guest.rpc("bdev_get_bdevs", Map.of("name", "HotInNvme0n1", "timeout", 30_000));
        assertThat(guest.rpc("bdev_nvme_get_controllers", Map.of()).size()).isEqualTo(2);
        bed.step("daemon");
        lookAfter(guest);
        bed.step("logs, features, formats");
        resetUnderLoad(guest);
        bed.step("reset under load");
        pullOutUnderLoad(guest, hot);
        bed.step("pulled out under load, and back");

        guest.rpc("bdev_nvme_set_hotplug", Map.of("enable", false));
        loseAndTakeAgain(guest, hot);
        bed.step("lost by a fault, and taken again");
        guest.rpc("bdev_nvme_detach_controller", Map.of("name", "HotInNvme0"));
        guest.rpc("bdev_nvme_detach_controller", NVME0);
        assertThat(guest.rpc("bdev_get_bdevs", Map.of()).isEmpty()).isTrue();
        guest.ringside("unbind " + hot);
        guest.run("for i in $(seq 300); do ls /sys/block/nvme*n1 >/dev/null && exit 0; sleep 0.1; done; exit 1");
        bed.step("given back");
    }

    private static void takeFromTheKernel(VfioGuest guest, String name, String hot) {
        guest.run("mkfs.ext4 -q /dev/" + name + "n2 && mount /dev/" + name + "n2 /mnt/a");
        Outcome refused = guest.tryRingside("bind " + FIXED);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("/dev/" + name + "n2 is in use");
        guest.run("umount /mnt/a");
        guest.ringside("bind " + FIXED);
        assertThat(guest.ringside("devices"))
                .containsPattern(FIXED + " .* vfio-pci ")
                .containsPattern(hot + " .* nvme .*nvme[01]n1");
    }

    /** What an operator asks of a drive, and does to it. */
    private static void lookAfter(VfioGuest guest) {
        JsonNode health = guest.rpc("bdev_nvme_get_controller_health_info", Map.of("name", "HotInNvme0"));
        assertThat(health.path("serial_number").asString("")).isEqualTo("hot0");
        assertThat(health.path("temperature_celsius").asInt(0)).isPositive();
        assertThat(guest.rpc("bdev_nvme_get_errors", NVME0).isArray()).isTrue();
        assertThat(guest.rpc("bdev_nvme_get_firmware", NVME0).path("slots").isEmpty())
                .isFalse();
        Map<String, ?> threshold = Map.of("name", "Nvme0", "feature", "temperature_threshold", "value", 350);
        guest.rpc("bdev_nvme_set_feature", threshold);
        assertThat(guest.rpc("bdev_nvme_get_feature", Map.of("name", "Nvme0", "feature", "temperature_threshold"))
                        .path("value")
                        .asInt(0))
                .isEqualTo(350);
        // This drive cannot be sanitized.
        guest.refusal("bdev_nvme_sanitize", Map.of("name", "Nvme0", "action", "block_erase", "confirm", "ringside0"));
        guest.rpc("bdev_nvme_format", format(4096));
        assertThat(blockSize(guest)).isEqualTo(4096);
        guest.rpc("bdev_nvme_format", format(SECTOR));
        assertThat(blockSize(guest)).isEqualTo(SECTOR);
        assertThat(controller(guest, "Nvme0")
                        .path("queues")
                        .path("shadow_doorbells")
                        .asBoolean(false))
                .isTrue();
    }

    /** Two guests' memory, on two reactors, in blocks of 512 bytes and of 4 KiB, while the controller is reset. */
    private void resetUnderLoad(VfioGuest guest) {
        for (int n = 1; n <= 2; n++) {
            guest.rpc(
                    "vhost_create_blk_controller",
                    Map.of("ctrlr", "v" + n, "dev_name", "Nvme0n" + n, "cpumask", "0x" + n));
        }
        assertThat(guest.refusal("bdev_nvme_format", format(SECTOR))
                        .path("message")
                        .asString(""))
                .contains("in use");
        guest.launchLoad("v1");
        guest.startLoad("v2", () -> queuePairs(guest) == 2 ? commands(guest, "Nvme0") : 0);
        for (int round = 0; round < 3; round++) {
            guest.rpc("bdev_nvme_reset_controller", NVME0);
        }
        guest.endLoad("v2");
        guest.endLoad("v1");
        JsonNode after = controller(guest, "Nvme0");
        System.out.println("NVMe in a guest: " + after);
        assertThat(after.path("resets").asInt(0)).isEqualTo(3);
        assertThat(after.path("state").asString("")).isEqualTo("enabled");
        JsonNode statistics = after.path("statistics");
        assertThat(statistics.path("commands").asLong(0)).isPositive();
        assertThat(statistics.path("copied_requests").asLong(-1)).isZero();
        assertThat(statistics.path("failed").asLong(-1)).isZero();
    }

    private void pullOutUnderLoad(VfioGuest guest, String address) {
        Map<String, ?> disk = Map.of("ctrlr", "hot", "dev_name", "HotInNvme0n1");
        guest.rpc("vhost_create_blk_controller", disk);
        guest.startLoad("hot", () -> commands(guest, "HotInNvme0"));
        guest.guest().qmp().execute("device_del", Map.of("id", "hotdrive"));
        guest.guest().qmp().awaitEvent("DEVICE_DELETED", Duration.ofSeconds(60));
        guest.endFailingLoad("hot");
        assertThat(guest.rpc("bdev_nvme_get_controllers", Map.of()).size()).isEqualTo(1);
        // Whatever went wrong on the way is in the log, which is the console.
        assertThat(bed.logText("nvme.console.log")).doesNotContain("Exception");
        assertThat(guest.rpc("bdev_get_bdevs", Map.of()).findValuesAsString("name"))
                .noneMatch(name -> name.startsWith("Hot"));

        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "hot"));
        guest.guest()
                .qmp()
                .execute(
                        "device_add",
                        Map.of("driver", "nvme", "id", "again", "bus", "slot0", "serial", "hot0", "drive", "hot"));
        guest.run("for i in $(seq 300); do [ -e /sys/class/nvme/nvme*/device ] && exit 0; sleep 0.1; done; exit 1");
        guest.bind(address);
        guest.rpc("bdev_get_bdevs", Map.of("name", "HotInNvme0n1", "timeout", 30_000));
        guest.rpc("vhost_create_blk_controller", disk);
        guest.load("hot", 2);
        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "hot"));
    }

    /** By a fault the drive answers no more: what it is asked fails, the daemon lets it go, and takes it when it is told to. */
    private static void loseAndTakeAgain(VfioGuest guest, String address) {
        Map<String, ?> drive = Map.of("name", "HotInNvme0");
        guest.rpc("bdev_nvme_get_controller_health_info", drive);
        guest.rpc("fault_inject_device", Map.of("traddr", address, "faults", List.of(Map.of("action", "gone"))));
        assertThat(guest.refusal("bdev_nvme_get_controller_health_info", drive)
                        .path("code")
                        .asInt(0))
                .isEqualTo(-ENODEV);
        Deadline deadline = Deadline.in(VfioGuest.CLIENT);
        while (!guest.rpc("fault_get_injections", Map.of()).isEmpty()) {
            assertThat(deadline.nanosLeft())
                    .as("time until the drive is given back")
                    .isPositive();
        }
        assertThat(guest.rpc("bdev_nvme_get_controllers", Map.of()).size()).isEqualTo(1);
        assertThat(guest.rpc(
                                "bdev_nvme_attach_controller",
                                Map.of("name", "HotInNvme0", "trtype", "PCIe", "traddr", address))
                        .toString())
                .isEqualTo("[\"HotInNvme0n1\"]");
        guest.rpc("bdev_nvme_get_controller_health_info", drive);
    }

    /** A controller with blocks of 512 bytes, with blocks of 4 KiB, and with a medium that fails in one place. */
    private Stream<String> fixedDrive() {
        String failing = "driver=blkdebug,node-name=d3,image.driver=file,image.filename="
                + bed.disk("spoilt", DISK_BYTES)
                + ",inject-error.0.event=none,inject-error.0.iotype=read,inject-error.0.errno=5,inject-error.0.sector="
                + (DISK_BYTES / SECTOR - 1);
        return Stream.of(
                "-drive",
                "file=" + bed.disk("small-blocks", DISK_BYTES) + ",if=none,id=d1,format=raw",
                "-drive",
                "file=" + bed.disk("large-blocks", DISK_BYTES) + ",if=none,id=d2,format=raw",
                "-blockdev",
                failing,
                "-device",
                "nvme,id=ctl,serial=ringside0,addr=8",
                "-device",
                "nvme-ns,drive=d1,bus=ctl,nsid=1,logical_block_size=512,physical_block_size=512",
                "-device",
                "nvme-ns,drive=d2,bus=ctl,nsid=2,logical_block_size=4096,physical_block_size=4096",
                "-device",
                "nvme-ns,drive=d3,bus=ctl,nsid=" + SPOILT);
    }

    private Stream<String> hotDrive() {
        return Stream.of(
                "-device",
                "pcie-root-port,id=slot0,chassis=1,addr=9",
                "-drive",
                "file=" + bed.disk("hot", DISK_BYTES) + ",if=none,id=hot,format=raw",
                "-device",
                "nvme,id=hotdrive,bus=slot0,serial=hot0,drive=hot");
    }

    private static String kernelName(VfioGuest guest, String serial) {
        return guest.run("basename $(dirname $(grep -l " + serial + " /sys/class/nvme/*/serial))")
                .strip();
    }

    private static Map<String, ?> format(int blockSize) {
        return Map.of("name", "Nvme0", "nsid", 1, "block_size", blockSize, "confirm", "ringside0");
    }

    private static int blockSize(VfioGuest guest) {
        return guest.rpc("bdev_get_bdevs", Map.of("name", "Nvme0n1", "timeout", 30_000))
                .path(0)
                .path("block_size")
                .asInt(0);
    }

    private static long commands(VfioGuest guest, String name) {
        return controller(guest, name).path("statistics").path("commands").asLong(0);
    }

    /** One for each reactor that uses the drive. */
    private static int queuePairs(VfioGuest guest) {
        return controller(guest, "Nvme0").path("queues").path("open").size();
    }

    private static JsonNode controller(VfioGuest guest, String name) {
        return guest.rpc("bdev_nvme_get_controllers", Map.of("name", name))
                .path(0)
                .path("ctrlrs")
                .path(0);
    }
}
