package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A guest under load moves from one host to another and back. Two daemons stand for the hosts' two; both serve the same
 * files.
 *
 * <p>The guest has one processor that is seldom interrupted: QEMU's emulation loses pages that the processor wrote if it is
 * stopped at a bad moment (docs/decisions/0009).
 */
class MigrationTest {
    private static final long DISK_BYTES = 128L << 20;
    private static final List<String> DISKS = List.of("Raw", "Files", "Scsi");
    /** Is behind a SCSI controller of its name; the others are virtio-blk disks. */
    private static final String SCSI = DISKS.getLast();

    /** The guest's processor is preferred to whatever is on its core: no reactor may be. */
    private static final int GUEST_CORE = 0;

    private static final String REACTOR_CORES = "0x2";
    /** So long that what the device writes to the ring is on pages of its own. */
    private static final int QUEUE_SIZE = 1024;

    /** Whose contents differ, and each of which fits the guest's page cache. */
    private static final List<String> FILES = List.of("/mnt/a/first", "/mnt/a/second");

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void guestUnderLoadMovesThereAndBack(boolean packed) {
        List<Path> files =
                DISKS.stream().map(name -> bed.disk(name, DISK_BYTES)).toList();
        RingsideDaemon west = serve("west", files);
        RingsideDaemon east = serve("east", files);
        Guest guest = machine("start", west, packed).start();
        guest.preferVcpus(GUEST_CORE);
        assertThat(guest.hasPackedRings("vda")).isEqualTo(packed);
        guest.run("mkfs.ext4 -q /dev/vdb && mount -t ext4 /dev/vdb /mnt/a");
        for (String each : FILES) {
            guest.run("dd if=/dev/urandom of=" + each + " bs=1M count=16 2>/dev/null && sha256sum " + each
                    + " >>/tmp/sums");
        }
        guest.run("sync");
        FioLoad raw = FioLoad.onDisk(guest, "vda", "--rate_iops=400");
        FioLoad file = FioLoad.onFile(guest, "vdb", "/mnt/a/data", "--rate_iops=100");
        guest.run("for i in $(seq 300); do [ -b /dev/sda ] && exit 0; sleep 0.1; done; exit 1");
        FioLoad scsi = FioLoad.onDisk(guest, "sda", "--rate_iops=200");

        Guest before = guest;
        Migration.startAndCancel(guest, () -> raw.awaitProgress(before));
        raw.awaitProgress(guest);
        assertLogged(west, 1, 1);

        guest = move(guest, "there", east, packed);
        assertServes(east, guest, raw, file, scsi);
        assertLogged(west, 2, 1);
        assertLogged(east, 0, 0);

        guest = move(guest, "back", west, packed);
        assertServes(west, guest, raw, file, scsi);
        assertLogged(east, 1, 0);

        System.out.println(
                "packed=" + packed + " " + raw.stop(guest) + " " + file.stop(guest) + " " + scsi.stop(guest));
        guest.run("umount /mnt/a && fsck.ext4 -f -n /dev/vdb");
        assertThat(guest.run("dmesg | grep -E 'I/O error|critical|EXT4-fs error' || true"))
                .isEmpty();
        assertThat(List.of(west.stop(), east.stop())).containsOnly(0);
    }

    private RingsideDaemon serve(String name, List<Path> files) {
        RingsideDaemon daemon = RingsideDaemon.named(name, bed, REACTOR_CORES);
        for (int i = 0; i < files.size(); i++) {
            daemon.serveSharedFile(DISKS.get(i), files.get(i), DISKS.get(i).equals(SCSI));
        }
        return daemon;
    }

    private Guest.Builder machine(String name, RingsideDaemon daemon, boolean packed) {
        Guest.Builder machine = bed.guest(name).memory(384).vcpus(1).onlyTools("fio", "mkfs.ext4", "fsck.ext4");
        for (String disk : DISKS.subList(0, DISKS.indexOf(SCSI))) {
            machine.disk(VhostUserDisk.at(daemon.socketOf("vhost." + disk))
                    .queues(2)
                    .queueSize(QUEUE_SIZE)
                    .packed(packed));
        }
        String device = "vhost-user-scsi-pci,chardev=scsi,num_queues=2,virtqueue_size=" + QUEUE_SIZE;
        return machine.device("-chardev", "socket,id=scsi,path=" + daemon.socketOf("vhost." + SCSI), "-device", device);
    }

    /**
     * Moves the guest with a file in its page cache that the disk has put there in place of another, when the pages of that
     * one had been copied. The guest does not write to those pages: only the log has told QEMU of them.
     */
    private Guest move(Guest guest, String name, RingsideDaemon to, boolean packed) {
        readAnew(guest, FILES.getFirst());
        Guest moved = Migration.move(
                guest, bed.socket(name), machine(name, to, packed), GUEST_CORE, () -> readAnew(guest, FILES.getLast()));
        moved.run("grep " + FILES.getLast() + " /tmp/sums | sha256sum -c");
        return moved;
    }

    /** Reads a file from the disk, and leaves it as the only one in the page cache. */
    private static void readAnew(Guest guest, String file) {
        guest.run("echo 3 >/proc/sys/vm/drop_caches; cat " + file + " >/dev/null");
    }

    /** The disks' requests go to this daemon. */
    private static void assertServes(RingsideDaemon daemon, Guest guest, FioLoad... loads) {
        List<Long> before = DISKS.stream().map(daemon::requests).toList();
        for (FioLoad load : loads) {
            load.awaitProgress(guest);
        }
        for (int i = 0; i < DISKS.size(); i++) {
            assertThat(daemon.requests(DISKS.get(i))).isGreaterThan(before.get(i) + 200);
        }
    }

    /** How often VHOST_F_LOG_ALL came into force for each disk, and how often a running disk was let go of it. */
    private static void assertLogged(RingsideDaemon daemon, int on, int off) {
        List<Integer> wanted = List.of(on * DISKS.size(), off * DISKS.size());
        Deadline deadline = Deadline.in(Duration.ofSeconds(30));
        while (!logged(daemon).equals(wanted)) {
            assertThat(deadline.passed())
                    .as("%s instead of %s", logged(daemon), wanted)
                    .isFalse();
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static List<Integer> logged(RingsideDaemon daemon) {
        return Stream.of("now", "no longer")
                .map(how -> (int) daemon.logged("writes to the guest's memory are " + how + " logged"))
                .toList();
    }
}
