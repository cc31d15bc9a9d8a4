package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
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
    private static final List<String> DISKS = List.of("Raw", "Files");

    private static final String READ = "/mnt/a/read";

    /**
     * Fills the page cache from the disk, and looks at it a moment later, again and again. The guest does not write to those
     * pages: if it moves between the two, only the log has told QEMU of them.
     */
    private static final String CHECK_READS = "sha256sum " + READ + " >/tmp/sum;"
            + " (while [ ! -e /tmp/enough ]; do echo 3 >/proc/sys/vm/drop_caches; cat " + READ + "; sleep 0.5;"
            + " sha256sum -c /tmp/sum || touch /tmp/wrong; touch /tmp/some; done; touch /tmp/checked) >/dev/null 2>&1 &";

    private static final String READS_WERE_RIGHT =
            "touch /tmp/enough; while [ ! -e /tmp/checked ]; do sleep 0.1; done; [ -e /tmp/some ] && [ ! -e /tmp/wrong ]";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void guestUnderLoadMovesThereAndBack(boolean packed) {
        List<Path> files =
                DISKS.stream().map(name -> bed.disk(name, DISK_BYTES)).toList();
        RingsideDaemon west = serve("west", "0x1", files);
        RingsideDaemon east = serve("east", "0x2", files);
        Guest guest = machine("start", west, packed).start();
        guest.preferVcpus();
        assertThat(guest.hasPackedRings("vda")).isEqualTo(packed);
        guest.run("mkfs.ext4 -q /dev/vdb && mount -t ext4 /dev/vdb /mnt/a");
        guest.run("dd if=/dev/urandom of=" + READ + " bs=1M count=16 2>/dev/null && sync");
        guest.run(CHECK_READS);
        FioLoad raw = FioLoad.onDisk(guest, "vda", "--rate_iops=400");
        FioLoad file = FioLoad.onFile(guest, "vdb", "/mnt/a/data", "--rate_iops=100");

        Guest before = guest;
        Migration.startAndCancel(guest, () -> raw.awaitProgress(before));
        raw.awaitProgress(guest);
        assertLogged(west, 1, 1);

        guest = move(guest, "there", east, packed);
        assertServes(east, guest, raw, file);
        assertLogged(west, 2, 1);
        assertLogged(east, 0, 0);

        guest = move(guest, "back", west, packed);
        assertServes(west, guest, raw, file);
        assertLogged(east, 1, 0);

        System.out.println("packed=" + packed + " " + raw.stop(guest) + " " + file.stop(guest));
        guest.run(READS_WERE_RIGHT);
        guest.run("umount /mnt/a && fsck.ext4 -f -n /dev/vdb");
        assertThat(guest.run("dmesg | grep -E 'I/O error|critical|EXT4-fs error' || true"))
                .isEmpty();
        assertThat(List.of(west.stop(), east.stop())).containsOnly(0);
    }

    private RingsideDaemon serve(String name, String processor, List<Path> files) {
        RingsideDaemon daemon = RingsideDaemon.named(name, bed, processor);
        for (int i = 0; i < files.size(); i++) {
            daemon.serveSharedFile(DISKS.get(i), files.get(i));
        }
        return daemon;
    }

    private Guest.Builder machine(String name, RingsideDaemon daemon, boolean packed) {
        Guest.Builder machine = bed.guest(name).memory(384).vcpus(1).onlyTools("fio", "mkfs.ext4", "fsck.ext4");
        for (String disk : DISKS) {
            machine.disk(
                    VhostUserDisk.at(daemon.socketOf("vhost." + disk)).queues(2).packed(packed));
        }
        return machine;
    }

    private Guest move(Guest guest, String name, RingsideDaemon to, boolean packed) {
        return Migration.move(guest, bed.socket(name), machine(name, to, packed));
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
        assertThat(daemon.logged("writes to the guest's memory are now logged")).isEqualTo((long) on * DISKS.size());
        assertThat(daemon.logged("writes to the guest's memory are no longer logged"))
                .isEqualTo((long) off * DISKS.size());
    }
}
