package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** SAS disks behind QEMU's LSI 1068, driven inside a guest: neither adapter nor disks are of our own making. */
@Timeout(1200)
@Tag(VfioGuest.TAG)
class SasDiskTest {
    private static final long DISK_BYTES = 48L << 20;
    private static final String ADAPTER = "0000:00:08.0";

    /** Longer than a command takes that is not lost, with all that else goes on. */
    private static final int TIMEOUT_US = 5_000_000;

    @RegisterExtension
    private final TestBed bed = new TestBed();

    /** The suites, and then the daemon: guest memory is reached without copies, whatever happens to the disks. */
    @Test
    void disksAreDrivenFromTheirTakingToTheirRemoval() {
        VfioGuest guest = VfioGuest.start(bed, "sas", List.of(), devices());
        bed.step("boot");
        guest.ringside("bind " + ADAPTER);
        assertThat(guest.ringside("devices")).containsPattern(ADAPTER + " .* vfio-pci ");
        bed.step("taken from the kernel");
        guest.program("dev.ringside.testkit.mptsas.AdapterSuite", ADAPTER);
        bed.step("suites");
        guest.startDaemon();
        guest.rpc("bdev_scsi_set_options", Map.of("timeout_us", TIMEOUT_US));
        assertThat(guest.rpc("scsi_host_attach", Map.of("traddr", ADAPTER)).toString())
                .isEqualTo("[\"sda\",\"sdb\",\"sdc\"]");
        JsonNode disks = guest.rpc("scsi_get_disks", Map.of());
        assertThat(disks.findValuesAsString("block_size")).containsExactly("512", "4096", "512");
        assertThat(disks.path(1).path("serial_number").asString("")).isEqualTo("ringside1");
        assertThat(disks.path(1).path("stable_name").asString("")).contains("5000c50015ea71a1");

        serve(guest, "small", Map.of("name", "small", "device", "sda"));
        serve(guest, "large", Map.of("name", "large", "device", "sdb", "size", "16M", "offset", "16M"));
        guest.rpc("bdev_scsi_create", Map.of("name", "neighbour", "device", "sdb", "size", "16M"));
        guest.rpc("vhost_create_scsi_controller", Map.of("ctrlr", "unit"));
        guest.rpc(
                "vhost_scsi_controller_add_target",
                Map.of("ctrlr", "unit", "scsi_target_num", 0, "bdev_name", "neighbour"));
        System.out.println(guest.load("small", 2));
        JsonNode statistics = host(guest).path("statistics");
        assertThat(statistics.path("commands").asLong(0)).isPositive();
        assertThat(statistics.path("copied_requests").asLong(-1)).isZero();
        bed.step("daemon, verified loads");
        guest.startLoad("large", () -> commands(guest));
        bed.step("a load");
        resetUnderLoad(guest);
        pullOutUnderLoad(guest);
        bed.step("back under load");
        guest.endLoad("large");
        loseAndTakeAgain(guest);
        bed.step("lost and taken again");

        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "large"));
        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "unit"));
        guest.rpc("scsi_host_detach", Map.of("traddr", ADAPTER));
        assertThat(guest.rpc("scsi_get_hosts", Map.of()).isEmpty()).isTrue();
        assertThat(bed.logText("sas.console.log")).doesNotContain("Exception");
    }

    /** The adapter is reset by an operator, and a guest resets its logical unit on the disk that another guest works on. */
    private void resetUnderLoad(VfioGuest guest) {
        guest.program("dev.ringside.testkit.frontend.UnitResets", "/tmp/unit 4");
        bed.step("logical unit reset by a guest");
        resetDisk(guest);
        bed.step("disk reset by an operator");
        for (int round = 0; round < 3; round++) {
            guest.rpc("scsi_host_reset", Map.of("traddr", ADAPTER));
        }
        assertThat(host(guest).path("resets").asInt(0)).isEqualTo(3);
        bed.step("adapter reset by an operator");
        loseCommands(guest);
        bed.step("commands lost");
        JsonNode host = host(guest);
        System.out.println("SAS in a guest: " + host);
        assertThat(host.path("state").asString("")).isEqualTo("enabled");
        assertThat(host.path("statistics").path("failed").asLong(-1)).isZero();
        assertThat(host.path("statistics").path("copied_requests").asLong(-1)).isZero();
    }

    /** The disk alone is reset that the load is on, whose commands end with it, and are carried out again. */
    private void resetDisk(VfioGuest guest) {
        assertThat(guest.refusal("scsi_host_reset", Map.of("traddr", ADAPTER, "device", "sdq"))
                        .path("message")
                        .asString(""))
                .contains("sdq");
        for (int round = 1; round <= 3; round++) {
            long retried = statistic(guest, "retried");
            guest.rpc("scsi_host_reset", Map.of("traddr", ADAPTER, "device", "sdb"));
            Deadline deadline = Deadline.in(VfioGuest.CLIENT);
            while (unitResets() < round || statistic(guest, "retried") == retried) {
                assertThat(deadline.nanosLeft())
                        .as("time until the reset is in the log, and the load goes on")
                        .isPositive();
                guest.run("sleep 0.1");
            }
        }
        assertThat(host(guest).path("resets").asInt(-1)).as("of the adapter").isZero();
    }

    private int unitResets() {
        return bed.logText("sas.console.log").split("LUN_RESET of 0:1:0: done", -1).length - 1;
    }

    /** The adapter never hears of some commands: one function after the other is tried, up to a reset of the adapter. */
    private void loseCommands(VfioGuest guest) {
        guest.rpc(
                "fault_inject_device",
                Map.of("traddr", ADAPTER, "faults", List.of(Map.of("action", "lost_writes", "count", 2))));
        Deadline deadline = Deadline.in(VfioGuest.CLIENT);
        while (host(guest).path("resets").asInt(0) == 3) {
            assertThat(deadline.nanosLeft())
                    .as("time until lost commands have led to a reset")
                    .isPositive();
            guest.run("sleep 0.5");
        }
        assertThat(host(guest).path("statistics").path("timeouts").asLong(0)).isPositive();
        for (String said : List.of(
                "ABORT_TASK of ", "LUN_RESET of ", "TARGET_RESET of ", "a device cannot be put right otherwise")) {
            bed.awaitLog("sas.console.log", said);
        }
    }

    /** Another disk's load goes on while this one comes and goes. */
    private void pullOutUnderLoad(VfioGuest guest) {
        guest.startLoad("small", () -> commands(guest));
        guest.guest().qmp().execute("device_del", Map.of("id", "hd0"));
        guest.guest().qmp().awaitEvent("DEVICE_DELETED", Duration.ofSeconds(60));
        guest.endFailingLoad("small");
        guest.rpc("vhost_delete_controller", Map.of("ctrlr", "small"));
        // Nobody tells the daemon: it sees it by what becomes of a command.
        awaitDisks(guest, List.of("sdb", "sdc"));
        bed.step("pulled out under load");

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
        System.out.println(guest.load("small", 2));
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
        return statistic(guest, "commands");
    }

    private static long statistic(VfioGuest guest, String name) {
        return host(guest).path("statistics").path(name).asLong(-1);
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
