package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/**
 * The ways in which a kernel gives a device to a process, beside the groups that all others go through: iommufd, and a device
 * behind no IOMMU. One guest has a drive of each kind, and udev with the archive's rules for the daemon's user.
 */
@Timeout(1200)
@Tag(VfioGuest.TAG)
class VfioWaysTest {
    private static final long DISK_BYTES = 48L << 20;
    /** The port below the bus that bypasses the IOMMU, with the number after that bus's 64. */
    private static final String BYPASS_BUS = "41";

    /** A daemon as the service's user, without any right of root's: what it reaches, udev's rules have given it. */
    private static final String UNPRIVILEGED =
            "setpriv --reuid=ringside --regid=ringside --clear-groups --bounding-set=-all --no-new-privs";

    private static final String LOG = "ways.console.log";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    private long stepNanos = System.nanoTime();

    @Test
    void drivesAreDrivenByIommufdAndBehindNoIommu() {
        VfioGuest guest = VfioGuest.startWithIommufd(bed, "ways", drives());
        String behind = drive(guest, "0[0-9a-f]");
        String bare = drive(guest, BYPASS_BUS);
        guest.run("sysctl -q vm.nr_hugepages=48");
        step("boot");
        guest.startUdev();
        guest.bind(behind);
        guest.bind(bare);
        nodesAreTheUsers(guest);
        step("udev");
        guest.startDaemon("prlimit --memlock=65536 " + UNPRIVILEGED, "");
        step("daemon");
        refusals(guest, behind, bare);
        byIommufd(guest, behind);
        step("by iommufd");
        byGroup(guest, behind);
        step("by group");
        guest.stopDaemon();
        guest.startDaemon("", "--allow-unsafe-noiommu");
        step("another daemon");
        behindNone(guest, behind, bare);
        step("behind no IOMMU");
    }

    /** Those of devices that were given to vfio-pci, and of iommufd; /dev/vfio/vfio is everybody's. */
    private static void nodesAreTheUsers(VfioGuest guest) {
        guest.awaitUdev();
        assertThat(guest.run("stat -c '%n %U:%G %a' /dev/iommu /dev/vfio/* /dev/vfio/devices/*")
                        .lines()
                        .filter(line -> !line.startsWith("/dev/vfio/devices ")))
                .hasSize(5)
                .anyMatch(line -> line.startsWith("/dev/vfio/noiommu-"))
                .anyMatch(line -> line.equals("/dev/vfio/vfio root:root 666"))
                .filteredOn(line -> !line.startsWith("/dev/vfio/vfio "))
                .allMatch(line -> line.endsWith(" root:ringside 660"));
        // The names by which the unit allows them (DeviceAllow=char-...).
        assertThat(guest.run("cat /proc/devices"))
                .containsPattern("[0-9] vfio\n")
                .containsPattern("[0-9] vfio-dev\n");
    }

    private void refusals(VfioGuest guest, String behind, String bare) {
        assertThat(message(guest.refusal("bdev_nvme_attach_controller", attach("Bare", bare))))
                .contains("behind no IOMMU", "--allow-unsafe-noiommu");
        assertThat(message(guest.refusal("bdev_nvme_attach_controller", attach("Nvme0", behind))))
                .contains("IOMMU_IOAS_MAP", "ulimit -l", "65536 bytes", "all processes of this user");
        assertNothingIsLeft(guest);
    }

    /** A drive that is pulled out under load. */
    private void byIommufd(VfioGuest guest, String behind) {
        guest.run("prlimit --pid $(cat /tmp/daemon.pid) --memlock=unlimited");
        guest.rpc("bdev_nvme_attach_controller", attach("Nvme0", behind));
        bed.awaitLog(LOG, behind + " is driven through /dev/vfio/devices/vfio");
        guest.rpc("vhost_create_blk_controller", Map.of("ctrlr", "v0", "dev_name", "Nvme0n1"));
        guest.startLoad("v0", () -> commands(guest, "Nvme0"));
        assertThat(controller(guest, "Nvme0")
                        .path("statistics")
                        .path("copied_requests")
                        .asLong(-1))
                .isZero();
        assertThat(guest.run("ls -l /proc/$(cat /tmp/daemon.pid)/fd")).contains("/dev/iommu");
        guest.guest().qmp().execute("device_del", Map.of("id", "behind"));
        guest.guest().qmp().awaitEvent("DEVICE_DELETED", Duration.ofSeconds(60));
        guest.endFailingLoad("v0");
        assertThat(guest.rpc("bdev_nvme_get_controllers", Map.of()).isEmpty()).isTrue();
        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "v0"));
        assertNothingIsLeft(guest);
        assertThat(bed.logText(LOG)).doesNotContain("Exception");
    }

    /** One that cannot be got by iommufd is got by its group. */
    private void byGroup(VfioGuest guest, String behind) {
        guest.guest()
                .qmp()
                .execute(
                        "device_add",
                        Map.of("driver", "nvme", "id", "again", "bus", "slot0", "serial", "behind", "drive", "d0"));
        guest.bind(drive(guest, "0[0-9a-f]"));
        guest.awaitUdev();
        guest.run("mv /dev/iommu /dev/iommu.away");
        guest.rpc("bdev_nvme_attach_controller", attach("Nvme0", behind));
        bed.awaitLog(LOG, behind + " is driven through /dev/vfio/[0-9]+, without iommufd: open /dev/iommu: No such");
        guest.rpc("bdev_nvme_detach_controller", Map.of("name", "Nvme0"));
        guest.run("mv /dev/iommu.away /dev/iommu");
        assertNothingIsLeft(guest);
    }

    /** Verified I/O on a drive that uses physical addresses, beside one that is driven by iommufd. */
    private void behindNone(VfioGuest guest, String behind, String bare) {
        guest.rpc("bdev_nvme_attach_controller", attach("Nvme0", behind));
        guest.rpc("bdev_nvme_attach_controller", attach("Bare", bare));
        bed.awaitLog(LOG, bare + " is behind no IOMMU");
        assertThat(controller(guest, "Bare").path("unsafe_noiommu").asBoolean(false))
                .isTrue();
        assertThat(controller(guest, "Nvme0").path("unsafe_noiommu").asBoolean(true))
                .isFalse();
        assertThat(guest.run("ls -l /proc/$(cat /tmp/daemon.pid)/fd")).contains("/dev/iommu", "/dev/vfio/noiommu-");
        for (String name : List.of("Nvme0", "Bare")) {
            guest.rpc("vhost_create_blk_controller", Map.of("ctrlr", name, "dev_name", name + "n1"));
            guest.launchLoad(name);
        }
        for (String name : List.of("Nvme0", "Bare")) {
            guest.endLoad(name);
            guest.rpc("vhost_delete_controller", Map.of("ctrlr", name));
        }
        JsonNode statistics = controller(guest, "Bare").path("statistics");
        System.out.println("NVMe behind no IOMMU: " + statistics);
        assertThat(statistics.path("commands").asLong(0)).isPositive();
        assertThat(statistics.path("copied_requests").asLong(0)).isPositive();
        assertThat(statistics.path("failed").asLong(-1)).isZero();
        for (String name : List.of("Nvme0", "Bare")) {
            guest.rpc("bdev_nvme_detach_controller", Map.of("name", name));
        }
        assertNothingIsLeft(guest);
        assertThat(guest.run("grep HugePages_Free /proc/meminfo")).containsPattern(" 48\n");
    }

    /** No memory is pinned, and nothing of VFIO's is open. */
    private static void assertNothingIsLeft(VfioGuest guest) {
        String pins = guest.run("echo 1 >/proc/sys/vm/stat_refresh && awk '/^nr_foll_pin/ { print; pins[$1] = $2 } END"
                + " { exit pins[\"nr_foll_pin_acquired\"] != pins[\"nr_foll_pin_released\"] }' /proc/vmstat");
        assertThat(pins).contains("nr_foll_pin_acquired", "nr_foll_pin_released");
        assertThat(guest.run("ls -l /proc/$(cat /tmp/daemon.pid)/fd")).doesNotContain("/dev/iommu", "/dev/vfio");
    }

    /** One in a slot behind the IOMMU, and one on a bus that bypasses it. */
    private String[] drives() {
        return new String[] {
            "-device",
            "pcie-root-port,id=slot0,chassis=1,addr=9",
            "-drive",
            "file=" + bed.disk("behind", DISK_BYTES) + ",if=none,id=d0,format=raw",
            "-device",
            "nvme,id=behind,bus=slot0,serial=behind,drive=d0",
            "-device",
            "pxb-pcie,id=bypass,bus_nr=64,bus=pcie.0,bypass_iommu=on",
            "-device",
            "pcie-root-port,id=slot1,chassis=2,bus=bypass",
            "-drive",
            "file=" + bed.disk("bare", DISK_BYTES) + ",if=none,id=d1,format=raw",
            "-device",
            "nvme,id=bare,bus=slot1,serial=bare,drive=d1"
        };
    }

    /** The place of the only drive on some bus, when there is one. No driver of the kernel has it. */
    private static String drive(VfioGuest guest, String bus) {
        return guest.run("for i in $(seq 300); do found=$(grep -l 0x010802 /sys/bus/pci/devices/0000:" + bus
                        + ":*/class) && basename $(dirname $found) && exit 0; sleep 0.1; done; exit 1")
                .strip();
    }

    private static Map<String, ?> attach(String name, String address) {
        return Map.of("name", name, "trtype", "PCIe", "traddr", address);
    }

    private static String message(JsonNode error) {
        return error.path("message").asString("");
    }

    private static JsonNode controller(VfioGuest guest, String name) {
        return guest.rpc("bdev_nvme_get_controllers", Map.of("name", name))
                .path(0)
                .path("ctrlrs")
                .path(0);
    }

    private static long commands(VfioGuest guest, String name) {
        return controller(guest, name).path("statistics").path("commands").asLong(0);
    }

    private void step(String what) {
        long now = System.nanoTime();
        System.out.printf("%s: %d s%n", what, (now - stepNanos) / 1_000_000_000);
        stepNanos = now;
    }
}
