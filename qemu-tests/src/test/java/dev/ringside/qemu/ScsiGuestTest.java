package dev.ringside.qemu;

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
        malloc(daemon, "more");
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
        guest.run(await("[ -b /dev/sda ] || [ -b /dev/sdc ]"));
    }

    @Test
    void toolsFindWhatTheStandardSays() {
        RingsideDaemon daemon = daemonWithDisk("c", "ram");
        Guest guest = guest("guest", daemon, "c");
        guest.run(await("[ -b /dev/sda ]"));
        assertThat(guest.run("sg_inq /dev/sda")).contains("RINGSIDE", "Malloc disk", "version=0x06");
        for (String page : List.of("sv", "sn", "di", "sii", "ei", "mpp", "sp", "bl", "bdc", "lbpv")) {
            guest.run("sg_vpd -p " + page + " /dev/sda");
        }
        assertThat(guest.run("sg_vpd -p bl /dev/sda")).contains("Maximum unmap block descriptor count: 256");
        assertThat(guest.run("sg_modes -a /dev/sda")).contains("Caching", "Control");
        guest.run("sg_logs -a /dev/sda");
        assertThat(guest.run("sg_opcodes /dev/sda")).contains("Persistent reserve out", "Write same(16)");
        guest.run("sg_luns /dev/sda && sg_turs -n 10 /dev/sda && sg_readcap -l /dev/sda && sg_rtpg /dev/sda");
        guest.run("sg_verify --lba=0 --count=64 /dev/sda && sg_write_same --16 --lba=8 --num=8 /dev/sda");
        guest.run("yes x | dd of=/dev/sda bs=4096 count=16 iflag=fullblock oflag=direct status=none");
        guest.run("sg_unmap --lba=8 --num=8 --force /dev/sda || sg_unmap --lba=8 --num=8 /dev/sda");
        guest.run("cmp -n 4096 -i 4096:0 /dev/sda /dev/zero");
        assertThat(guest.run("sg_get_lba_status --lba=8 /dev/sda")).contains("deallocated");
        guest.run("sg_requests /dev/sda && sg_sync /dev/sda && sg_start --stop /dev/sda && sg_start --start /dev/sda");
        guest.run("sg_reset -d /dev/sda && sg_turs -n 3 /dev/sda || sg_turs /dev/sda");
        assertThat(guest.run("cat /sys/block/sda/device/wwid")).startsWith("t10.RINGSIDE");
        assertThat(guest.run("sg_vpd -p di /dev/sda")).contains("NAA", "Relative target port: 0x1");
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
        String write = "dd if=/dev/zero of=/dev/sda bs=4k count=1 oflag=direct status=none";

        first.run("sg_persist --out --register --param-sark=0x1 /dev/sda");
        second.run("sg_persist --out --register --param-sark=0x2 /dev/sda");
        first.run("sg_persist --out --reserve --param-rk=0x1 --prout-type=5 /dev/sda");
        first.run(write);
        second.run(write);
        second.run("sg_persist --out --preempt --param-rk=0x2 --param-sark=0x1 --prout-type=5 /dev/sda");
        Outcome fenced = first.tryRun("sg_turs /dev/sda; " + write, Duration.ofSeconds(60));
        assertThat(fenced.status()).as(fenced.output()).isNotZero();
        second.run(write);
        assertThat(second.run("sg_persist --in --read-keys /dev/sda"))
                .contains("0x2")
                .doesNotContain("0x1\n");
        second.run("sg_persist --out --clear --param-rk=0x2 /dev/sda");
        first.run("sg_turs /dev/sda; " + write);
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
        malloc(daemon, disk);
        daemon.rpc("vhost_create_scsi_controller", Map.of("ctrlr", controller));
        add(daemon, controller, 0, disk);
        return daemon;
    }

    private static void malloc(RingsideDaemon daemon, String name) {
        daemon.rpc("bdev_malloc_create", Map.of("name", name, "num_blocks", DISK_BLOCKS, "block_size", 512));
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
