package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** SAS disks behind QEMU's LSI 1068, driven inside a guest: neither adapter nor disks are of our own making. */
@Timeout(900)
class SasDiskTest {
    private static final long DISK_BYTES = 48L << 20;
    private static final String ADAPTER = "0000:00:08.0";

    /** What makes all of the first disk a bdev. */
    private static final String CALLS = "{\"method\": \"scsi_host_attach\", \"params\": {\"traddr\": \"" + ADAPTER
            + "\"}}, {\"method\": \"bdev_scsi_create\", \"params\": {\"name\": \"whole\", \"device\": \"sda\"}}";

    private static final List<DriveSpeed.Shape> SHAPES =
            List.of(DriveSpeed.USUAL, new DriveSpeed.Shape(4096, 32), new DriveSpeed.Shape(131_072, 1));

    private static final int MORE_ATTEMPTS = 3;

    @RegisterExtension
    private final TestBed bed = new TestBed();

    /** The suites, and then the daemon: guest memory is reached without copies, whatever happens to the disks. */
    @Test
    void disksAreDrivenFromTheirTakingToTheirRemoval() {
        VfioGuest guest = VfioGuest.start(bed, "sas", List.of(), devices());
        guest.ringside("bind " + ADAPTER);
        assertThat(guest.ringside("devices")).containsPattern(ADAPTER + " .* vfio-pci ");
        guest.program("dev.ringside.testkit.mptsas.AdapterSuite", ADAPTER);
        guest.startDaemon();
        assertThat(guest.rpc("scsi_host_attach", Map.of("traddr", ADAPTER)).toString())
                .isEqualTo("[\"sda\",\"sdb\",\"sdc\"]");
        JsonNode disks = guest.rpc("scsi_get_disks", Map.of());
        assertThat(disks.findValuesAsString("block_size")).containsExactly("512", "4096", "512");
        assertThat(disks.path(1).path("serial_number").asString("")).isEqualTo("ringside1");
        assertThat(disks.path(1).path("stable_name").asString("")).contains("5000c50015ea71a1");

        serve(guest, "small", Map.of("name", "small", "device", "sda"));
        serve(guest, "large", Map.of("name", "large", "device", "sdb", "size", "16M", "offset", "16M"));
        System.out.println(guest.load("small", 4));
        System.out.println(guest.load("large", 4));
        JsonNode statistics = host(guest).path("statistics");
        assertThat(statistics.path("commands").asLong(0)).isPositive();
        assertThat(statistics.path("copied_requests").asLong(-1)).isZero();

        resetUnderLoad(guest);
        pullOutUnderLoad(guest);
        loseAndTakeAgain(guest);

        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "large"));
        guest.rpc("scsi_host_detach", Map.of("traddr", ADAPTER));
        assertThat(guest.rpc("scsi_get_hosts", Map.of()).isEmpty()).isTrue();
        assertThat(bed.logText("sas.console.log")).doesNotContain("Exception");
    }

    /** The same disk in the same guest: the kernel's driver with fio, and then ours. */
    @Test
    void oneReadAtATimeTakesLessThanThroughTheKernel() {
        VfioGuest guest = VfioGuest.startToMeasure(bed, "sas", List.of(), devices());
        guest.run("chroot /proc/1/root modprobe mptsas");
        guest.run("for i in $(seq 100); do [ -b /dev/sda ] && exit 0; sleep 0.1; done; exit 1");
        List<DriveSpeed> kernel = SHAPES.stream()
                .map(shape -> DriveSpeed.ofKernel(guest, "sda", shape))
                .toList();
        guest.ringsideAtLast("bind " + ADAPTER);
        boolean faster = areFaster(guest, SHAPES.getFirst(), kernel.getFirst());
        // One who polls suffers more than one who sleeps from whatever else the machine does.
        for (int more = 0; more < MORE_ATTEMPTS && !faster; more++) {
            faster = areFaster(guest, SHAPES.getFirst(), kernel.getFirst());
        }
        for (int i = 1; i < SHAPES.size(); i++) {
            areFaster(guest, SHAPES.get(i), kernel.get(i));
        }
        assertThat(faster).as("faster than %s", kernel.getFirst()).isTrue();
    }

    /** Measures our driver, bare and below the block layer, prints that beside the kernel's, and says whether both take less. */
    private static boolean areFaster(VfioGuest guest, DriveSpeed.Shape shape, DriveSpeed kernel) {
        List<DriveSpeed> ours = DriveSpeed.ofRingside(guest, CALLS, "whole", shape);
        System.out.println("random reads of an emulated disk: " + shape);
        System.out.println(kernel);
        ours.forEach(each -> System.out.println(each.beside(kernel)));
        return ours.stream().allMatch(each -> each.isFasterThan(kernel));
    }

    private static void resetUnderLoad(VfioGuest guest) {
        guest.startLoad("large", 15, () -> commands(guest));
        for (int round = 0; round < 3; round++) {
            guest.rpc("scsi_host_reset", Map.of("traddr", ADAPTER));
        }
        assertThat(guest.loadResult("large")).startsWith("0\n");
        JsonNode host = host(guest);
        System.out.println("SAS in a guest: " + host);
        assertThat(host.path("resets").asInt(0)).isEqualTo(3);
        assertThat(host.path("state").asString("")).isEqualTo("enabled");
        assertThat(host.path("statistics").path("failed").asLong(-1)).isZero();
        assertThat(host.path("statistics").path("copied_requests").asLong(-1)).isZero();
    }

    private static void pullOutUnderLoad(VfioGuest guest) {
        guest.startLoad("small", 60, () -> commands(guest));
        guest.guest().qmp().execute("device_del", Map.of("id", "hd0"));
        guest.guest().qmp().awaitEvent("DEVICE_DELETED", Duration.ofSeconds(60));
        assertThat(guest.loadResult("small")).doesNotStartWith("0\n");
        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "small"));
        // Nobody tells the daemon: it sees it by what becomes of a command.
        awaitDisks(guest, List.of("sdb", "sdc"));

        guest.guest()
                .qmp()
                .execute(
                        "device_add",
                        Map.of(
                                "driver",
                                "scsi-hd",
                                "id",
                                "hd0",
                                "bus",
                                "sas.0",
                                "scsi-id",
                                0,
                                "drive",
                                "d0",
                                "wwn",
                                0x5000c50015ea71a0L,
                                "serial",
                                "ringside0"));
        guest.rpc("scsi_rescan", Map.of());
        guest.rpc("bdev_get_bdevs", Map.of("name", "small", "timeout", 30_000));
        guest.rpc("vhost_create_blk_controller", Map.of("ctrlr", "small", "dev_name", "small"));
        System.out.println(guest.load("small", 3));
    }

    /** By a fault the adapter answers no more: the daemon lets it go, takes it again when it is told to, and its bdevs are back. */
    private static void loseAndTakeAgain(VfioGuest guest) {
        guest.rpc("fault_inject_device", Map.of("traddr", ADAPTER, "faults", List.of(Map.of("action", "gone"))));
        awaitDisks(guest, List.of());
        Deadline deadline = Deadline.in(VfioGuest.CLIENT);
        while (!guest.rpc("fault_get_injections", Map.of()).isEmpty()) {
            assertThat(deadline.nanosLeft())
                    .as("time until the adapter is given back")
                    .isPositive();
        }
        assertThat(guest.rpc("scsi_host_attach", Map.of("traddr", ADAPTER))).hasSize(3);
        guest.rpc("bdev_get_bdevs", Map.of("name", "large", "timeout", 30_000));
    }

    private static void awaitDisks(VfioGuest guest, List<String> names) {
        Deadline deadline = Deadline.in(VfioGuest.CLIENT);
        while (!guest.rpc("scsi_get_disks", Map.of()).findValuesAsString("name").equals(names)) {
            assertThat(deadline.nanosLeft())
                    .as("time until the disks are " + names)
                    .isPositive();
            guest.run("sleep 0.5");
        }
    }

    private static void serve(VfioGuest guest, String controller, Map<String, ?> part) {
        guest.rpc("bdev_scsi_create", part);
        guest.rpc("vhost_create_blk_controller", Map.of("ctrlr", controller, "dev_name", part.get("name")));
    }

    private static JsonNode host(VfioGuest guest) {
        return guest.rpc("scsi_get_hosts", Map.of()).path(0);
    }

    private static long commands(VfioGuest guest) {
        return host(guest).path("statistics").path("commands").asLong(0);
    }

    /** An adapter with disks with blocks of 512, 4096 and 512 bytes. */
    private String[] devices() {
        List<String> arguments = new ArrayList<>(List.of("-device", "mptsas1068,id=sas,addr=8"));
        for (int target = 0; target < 3; target++) {
            int block = target == 1 ? 4096 : 512;
            arguments.addAll(List.of(
                    // Not -drive, which goes with the device.
                    "-blockdev",
                    "driver=raw,node-name=d" + target + ",file.driver=file,file.filename="
                            + bed.disk("disk" + target, DISK_BYTES),
                    "-device",
                    "scsi-hd,id=hd" + target + ",bus=sas.0,scsi-id=" + target + ",drive=d" + target
                            + ",wwn=0x5000c50015ea71a" + target + ",serial=ringside" + target + ",logical_block_size="
                            + block + ",physical_block_size=" + block));
        }
        return arguments.toArray(String[]::new);
    }
}
