package dev.ringside.qemu;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.qemu.GuestShell.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Guests with vhost-user-scsi-pci: Linux's virtio_scsi and sd drivers, and sg3_utils. */
class ScsiGuestTest {
    private static final long DISK_BLOCKS = 512 << 10;
    private static final int UPGRADES = 3;
    /** Of the first disk: its names follow from it. */
    private static final String UUID = "f1d6f5b8-5a1d-4a55-9f3e-6a5a4ff4b3c1";

    private static final String WRITE = "dd if=/dev/zero of=/dev/sda bs=4k count=1 oflag=direct status=none";
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int FIO_SECONDS = Integer.getInteger("fio.seconds", 20);

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @Test
    void dataVerifiesAndAFileSystemSurvivesAReboot() {
        RingsideDaemon daemon = daemonWithDisk("c", "ram");
        Guest guest = guest("guest", daemon, "c");
        FioReport.verify(guest, FIO_SECONDS, "sda").forEach(System.out::println);
        guest.run("mkfs.ext4 -q /dev/sda && mount -o discard /dev/sda /mnt/a");
        guest.run("dd if=/dev/urandom of=/mnt/a/data bs=1M count=24 status=none && rm -f /mnt/a/none");
        String sum = guest.run("sha256sum /mnt/a/data");
        guest.run("umount /mnt/a");
        guest.reset();
        guest.run(await("[ -b /dev/sda ]"));
        guest.run("fsck.ext4 -f -n /dev/sda && mount /dev/sda /mnt/a");
        assertThat(guest.run("sha256sum /mnt/a/data")).isEqualTo(sum);
        guest.run("fstrim /mnt/a && umount /mnt/a");
    }

    @Test
    void disksComeAndGrowAndGoUnderLoad() {
        RingsideDaemon daemon = daemonWithDisk("c", "ram");
        daemon.rpc("bdev_malloc_create", Map.of("name", "more", "num_blocks", DISK_BLOCKS, "block_size", 512));
        Guest guest = guest("guest", daemon, "c");
        guest.run(await("[ -b /dev/sda ]"));
        guest.run(
                "(fio --name=load --filename=/dev/sda --rw=randwrite --bs=4k --direct=1 --ioengine=libaio --iodepth=16"
                        + " --time_based --runtime=120 >/tmp/fio.log 2>&1 &)");

        add(daemon, "c", 3, "more");
        guest.run(await("[ -b /dev/sdb ]"));
        assertThat(guest.run("ls -d /sys/bus/scsi/devices/0:0:3:0")).isNotEmpty();
        guest.run("yes more | dd of=/dev/sdb bs=1M count=4 iflag=fullblock oflag=direct status=none");

        daemon.rpc("bdev_malloc_resize", Map.of("name", "more", "new_size", 2 * DISK_BLOCKS / 2048));
        guest.run(await("[ $(blockdev --getsize64 /dev/sdb) = " + 2 * DISK_BLOCKS * 512 + " ]"));
        guest.run("yes more | cmp -n 4M - /dev/sdb");

        daemon.rpc("vhost_scsi_controller_remove_target", Map.of("ctrlr", "c", "scsi_target_num", 3));
        guest.run(await("[ ! -b /dev/sdb ]"));
        daemon.rpc("vhost_scsi_controller_remove_target", Map.of("ctrlr", "c", "scsi_target_num", 0));
        guest.run(await("[ ! -b /dev/sda ]"));
        add(daemon, "c", 0, "ram");
        guest.run(await("ls /sys/block/sd?"));
    }

    @Test
    void toolsFindWhatTheStandardSays() {
        Guest guest = guest("guest", daemonWithDisk("c", "ram"), "c");
        guest.run(await("[ -b /dev/sda ]"));
        assertPages(guest);
        assertParameters(guest);
        assertBlocks(guest);
        assertStates(guest);
    }

    /** INQUIRY and its pages (SPC-5, 6.7 and 7.7; SBC-4, 6.6). */
    private static void assertPages(Guest guest) {
        assertThat(guest.run("sg_inq /dev/sda")).contains("RINGSIDE", "Malloc disk", "version=0x06", "TPGS=1");
        Map<String, List<String>> pages = Map.ofEntries(
                entry(
                        "sv",
                        List.of("[sn]", "[di]", "[sii]", "[mna]", "[ei]", "[mpp]", "[sp]", "[bl]", "[bdc]", "[lbpv]")),
                entry("sn", List.of("Unit serial number: " + UUID)),
                entry("di", List.of("NAA", "0x3", "vendor specific: " + UUID, "Relative target port: 0x1")),
                entry("sii", List.of("Software interface identification VPD page")),
                entry("mna", List.of("Management network addresses VPD page")),
                entry("ei", List.of("HEADSUP=0", "SIMPSUP=1", "GRD_CHK=0")),
                entry("mpp", List.of("Policy: shared")),
                entry("sp", List.of("Relative port=1")),
                entry("bl", List.of("(WSNZ): 1", "compare and write length: 128", "unmap block descriptor count: 256")),
                entry("bdc", List.of("Non-rotating")),
                entry("lbpv", List.of("(LBPU): 1", "(LBPWS): 1", "(LBPWS10): 1", "(LBPRZ): 1", "thin provisioned")));
        pages.forEach((page, says) -> assertThat(guest.run("sg_vpd -p " + page + " /dev/sda"))
                .as(page)
                .contains(says));
        assertThat(guest.run("cat /sys/block/sda/device/wwid")).startsWith("t10.RINGSIDE" + UUID);
    }

    /** Mode and log pages, and the lists of what there is. */
    private static void assertParameters(Guest guest) {
        assertThat(guest.run("sg_modes -a /dev/sda"))
                .contains(
                        "WP=0, DpoFua=1",
                        "Read-Write error recovery",
                        "Caching",
                        "Control",
                        "Informational exceptions");
        assertThat(guest.run("sg_logs -a /dev/sda"))
                .contains("Write error counter", "Read error counter", "Verify error counter")
                .contains("Temperature page", "IE asc = 0x0", "Total uncorrected errors = 0");
        assertThat(guest.run("sg_opcodes /dev/sda"))
                .contains("Persistent reserve out, preempt and abort", "Write same(16)");
        assertThat(guest.run("sg_opcodes --opcode=0x93 /dev/sda"))
                .contains("93 09 ff ff ff ff ff ff ff ff ff ff ff ff 00 00");
        assertThat(guest.run("sg_opcodes --tmf /dev/sda")).contains("Query task set", "I_T nexus reset");
        assertThat(guest.run("sg_luns --select=2 /dev/sda")).contains("0000000000000000", "c101000000000000");
        assertThat(guest.run("sg_readcap -l /dev/sda"))
                .contains("lbpme=1, lbprz=1", "Last LBA=" + (DISK_BLOCKS - 1) + " ", "block length=512 bytes");
        assertThat(guest.run("sg_rtpg -d /dev/sda")).contains("active/optimized", "target port count : 01");
        assertThat(guest.run("sg_persist --in --report-capabilities /dev/sda"))
                .contains("(SIP_C): 1", "(ATP_C): 1", "(PTPL_C): 1", "Exclusive Access, all registrants: 1");
    }

    /** Commands on blocks (SBC-4, 5). */
    private static void assertBlocks(Guest guest) {
        guest.run("yes new | dd of=/tmp/new bs=512 count=1 iflag=fullblock status=none");
        guest.run("dd if=/dev/zero bs=512 count=1 status=none | cat - /tmp/new >/tmp/zero-new");
        String compareAndWrite = "sg_compare_and_write --in=/tmp/zero-new --lba=64 --num=1 --xferlen=1024 /dev/sda";
        guest.run(compareAndWrite);
        miscompares(guest, compareAndWrite);
        String verify = "sg_verify --count=1 --ndo=512 --lba=64 /dev/sda --in=";
        guest.run(verify + "/tmp/new");
        miscompares(guest, verify + "/dev/zero");
        Outcome beyond = guest.tryRun("sg_verify --16 --lba=" + (DISK_BLOCKS - 1) + " --count=2 /dev/sda", ANSWER);
        assertThat(beyond.output()).contains("LBA out of range");
        guest.run("sg_write_same --16 --lba=100 --num=50 --in=/tmp/new /dev/sda");
        guest.run("sg_verify --lba=100 --count=50 --ebytchk=3 --ndo=512 --in=/tmp/new /dev/sda");
        String status = "sg_get_lba_status -b --lba=64 /dev/sda";
        assertThat(guest.run(status)).contains("0x0000000000000040  0x1  0  0");
        guest.run(
                "sg_unmap --lba=64 --num=1 --force /dev/sda && sg_write_same --10 --unmap --lba=100 --num=25 /dev/sda");
        guest.run("sg_write_same --ndob --lba=125 --num=25 /dev/sda");
        guest.run("sg_verify --lba=64 --count=128 --ebytchk=3 --ndo=512 --in=/dev/zero /dev/sda");
        assertThat(guest.run(status)).contains("0x0000000000000040  0x2000  1  0");
    }

    /** What a unit is asked about itself, and told. */
    private static void assertStates(Guest guest) {
        guest.run("sg_turs -n 10 /dev/sda && sg_sync /dev/sda");
        assertThat(guest.run("sg_requests /dev/sda")).contains("No Sense");
        guest.run("sg_start --stop /dev/sda");
        Outcome stopped = guest.tryRun("sg_turs /dev/sda", ANSWER);
        assertThat(stopped.output()).contains("device not ready");
        guest.run("sg_start --start /dev/sda && sg_turs /dev/sda && sg_reset --device --no-esc /dev/sda");
        Outcome reset = guest.tryRun("sg_turs /dev/sda", ANSWER);
        assertThat(reset.output()).contains("Bus device reset function occurred");
        guest.run("sg_turs /dev/sda");
    }

    /** The command fails as sg3_utils do when data differ. */
    private static void miscompares(Guest guest, String command) {
        Outcome outcome = guest.tryRun(command, ANSWER);
        assertThat(outcome.status()).as(outcome.output()).isEqualTo(14);
    }

    @Test
    void twoGuestsFenceEachOther() {
        RingsideDaemon daemon = daemonWithDisk("one", "ram");
        daemon.rpc("vhost_create_scsi_controller", Map.of("ctrlr", "two"));
        add(daemon, "two", 0, "ram");
        Guest first = guest("first", daemon, "one");
        Guest second = guest("second", daemon, "two");
        first.run(await("[ -b /dev/sda ]"));
        second.run(await("[ -b /dev/sda ]"));

        first.run("sg_persist --out --register --param-sark=0x1 /dev/sda");
        second.run("sg_persist --out --register --param-sark=0x2 /dev/sda");
        first.run("sg_persist --out --reserve --param-rk=0x1 --prout-type=5 /dev/sda");
        first.run(WRITE);
        second.run(WRITE);
        fence(second, "0x2", first, "0x1");
        first.run("sg_persist --out --register --param-sark=0x3 /dev/sda");
        fence(first, "0x3", second, "0x2");
        assertThat(first.run("sg_persist --in --read-full-status /dev/sda"))
                .contains("Key=0x3", "Reservation holder", "Write Exclusive, registrants only")
                .doesNotContain("Key=0x1", "Key=0x2");
        first.run("sg_persist --out --clear --param-rk=0x3 /dev/sda");
        second.run(WRITE);
    }

    /** One guest takes the reservation away from the other, which cannot write any more. */
    private static void fence(Guest winner, String key, Guest loser, String loserKey) {
        winner.run("sg_persist --out --preempt --param-rk=" + key + " --param-sark=" + loserKey
                + " --prout-type=5 /dev/sda");
        Outcome fenced = loser.tryRun(WRITE, ANSWER);
        assertThat(fenced.status()).as(fenced.output()).isNotZero();
        Outcome told = loser.tryRun("sg_turs /dev/sda", ANSWER);
        assertThat(told.output()).contains("Registrations preempted");
        winner.run(WRITE);
    }

    @Test
    void upgradesUnderLoadLoseNeitherDataNorReservations() {
        RingsideDaemon daemon = daemonWithDisk("c", "ram");
        Guest guest = guest("guest", daemon, "c");
        guest.run(await("[ -b /dev/sda ]"));
        guest.run("sg_persist --out --register --param-sark=0x1 /dev/sda");
        guest.run("sg_persist --out --reserve --param-rk=0x1 --prout-type=3 /dev/sda");
        FioLoad load = FioLoad.onDisk(guest, "sda");
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            load.awaitProgress(guest);
            daemon = daemon.replace(bed, "ringside-" + upgrade + ".log");
        }
        load.awaitProgress(guest);
        load.stop(guest);
        assertThat(guest.run("sg_persist --in --read-reservation /dev/sda")).contains("Key=0x1", "Exclusive Access");
        // Nothing has told the guest that its disk was turned on anew.
        assertThat(guest.run("dmesg | grep -c -E 'I/O error|critical|reset occurred' || true")
                        .strip())
                .isEqualTo("0");
        assertThat(daemon.stop()).isZero();
    }

    private RingsideDaemon daemonWithDisk(String controller, String disk) {
        RingsideDaemon daemon = new RingsideDaemon(bed);
        daemon.rpc(
                "bdev_malloc_create", Map.of("name", disk, "num_blocks", DISK_BLOCKS, "block_size", 512, "uuid", UUID));
        daemon.rpc("vhost_create_scsi_controller", Map.of("ctrlr", controller));
        add(daemon, controller, 0, disk);
        return daemon;
    }

    private static void add(RingsideDaemon daemon, String controller, int target, String bdev) {
        daemon.rpc(
                "vhost_scsi_controller_add_target",
                Map.of("ctrlr", controller, "scsi_target_num", target, "bdev_name", bdev));
    }

    private Guest guest(String name, RingsideDaemon daemon, String controller) {
        return bed.guest(name)
                .device("-chardev", "socket,id=scsi,path=" + daemon.socketOf(controller))
                .device("-device", "vhost-user-scsi-pci,id=scsi0,chardev=scsi,num_queues=2")
                .start();
    }

    private static String await(String condition) {
        return "for i in $(seq 300); do " + condition + " && exit 0; sleep 0.1; done; exit 1";
    }
}
