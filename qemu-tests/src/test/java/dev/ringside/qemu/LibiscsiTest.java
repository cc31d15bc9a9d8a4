package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** libiscsi's conformance suite on vhost-user-scsi-pci, through the guest's driver sg. */
@Timeout(600)
class LibiscsiTest {
    private static final long DISK_BLOCKS = 256 << 10;
    /** The last lines of a run: how many tests there were, how many ran, passed and failed. */
    private static final Pattern TESTS = Pattern.compile("(?m)^ +tests +(\\d+) +(\\d+) +(\\d+) +(\\d+) ");

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void bothRingFormatsPassTheSuite() {
        RingsideDaemon daemon = new RingsideDaemon(bed);
        for (String disk : new String[] {"ram", "paths", "other"}) {
            daemon.rpc("bdev_malloc_create", Map.of("name", disk, "num_blocks", DISK_BLOCKS, "block_size", 512));
        }
        serve(daemon, "split", "ram", "paths", "paths");
        serve(daemon, "packed", "other");
        Guest guest = bed.guest("guest")
                .recentQemu()
                .device("-chardev", "socket,id=split,path=" + daemon.socketOf("split"))
                .device("-device", "vhost-user-scsi-pci,chardev=split,num_queues=2")
                .device("-chardev", "socket,id=packed,path=" + daemon.socketOf("packed"))
                .device("-device", "vhost-user-scsi-pci,chardev=packed,num_queues=2,packed=on")
                .start();
        guest.run("for i in $(seq 300); do [ $(ls -d /sys/block/sd? | wc -l) = 4 ] && exit 0; sleep 0.1; done; exit 1");
        guest.run("chroot /proc/1/root modprobe sg");

        conforms(guest, "LINUX.MultipathIO", 4, disk(guest, "split", 1), disk(guest, "split", 2));
        conforms(guest, "LINUX", 155, disk(guest, "split", 0));
        conforms(guest, "LINUX", 155, disk(guest, "packed", 0));
        // SWP, of the Control mode page.
        guest.run("sg_wr_mode --page=0xa --contents=0a,0a,0,0,8 --mask=0,0,0,0,8 " + disk(guest, "packed", 0));
        conforms(guest, "LINUX.ReadOnly", 1, disk(guest, "packed", 0));
    }

    private static void serve(RingsideDaemon daemon, String controller, String... bdevs) {
        daemon.rpc("vhost_create_scsi_controller", Map.of("ctrlr", controller));
        for (int target = 0; target < bdevs.length; target++) {
            daemon.rpc(
                    "vhost_scsi_controller_add_target",
                    Map.of("ctrlr", controller, "scsi_target_num", target, "bdev_name", bdevs[target]));
        }
    }

    /** The generic device file of a target's disk: the host adapter is told by the format of its rings. */
    private static String disk(Guest guest, String format, int target) {
        String packed = format.equals("packed") ? "1" : "0";
        return guest.run("for d in /sys/bus/scsi/devices/?:0:" + target + ":0; do"
                        + " [ $(cut -c 35 $d/../../../features) = " + packed
                        + " ] || continue; echo /dev/$(ls $d/scsi_generic); done")
                .strip();
    }

    /** Some tests of the suite, {@code -d} being leave to write: all of them run, and none fails. */
    private static void conforms(Guest guest, String tests, int atLeast, String... disks) {
        String said = guest.run(
                "iscsi-test-cu -d -V -t " + tests + " " + String.join(" ", disks)
                        + " 2>&1 | grep -E 'Test:|SKIPPED|FAILED|^ +(tests|asserts) |^ +[0-9]+\\. '",
                Duration.ofMinutes(2));
        Matcher numbers = TESTS.matcher(said);
        assertThat(numbers.find()).as(said).isTrue();
        System.out.println("libiscsi " + tests + " on " + String.join(" ", disks) + ": "
                + numbers.group().strip());
        assertThat(Integer.parseInt(numbers.group(1))).as(said).isGreaterThanOrEqualTo(atLeast);
        assertThat(numbers.group(2)).as(said).isEqualTo(numbers.group(1));
        assertThat(numbers.group(3)).as(said).isEqualTo(numbers.group(1));
        assertThat(numbers.group(4)).as(said).isEqualTo("0");
    }
}
