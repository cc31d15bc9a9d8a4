package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon that is replaced by another process, again and again, under a guest's load; the guest cannot reconnect. */
class UpgradeTest {
    private static final long DISK_BYTES = 256L << 20;
    private static final int UPGRADES = 3;
    /** Longer than all upgrades, on a busy machine. */
    private static final int LOAD_SECONDS = 60;

    /** A guest whose processors are emulated beside two daemons waits for more than its daemon; the target is 300 ms. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private static final String LOAD = "fio --output-format=json --direct=1 --ioengine=libaio --iodepth=8 --bs=4k"
            + " --rw=randwrite --size=32m --verify=crc32c --verify_backlog=256 --verify_fatal=1 --verify_dump=0"
            + " --verify_state_save=0 --time_based --runtime=";

    /** Returns when the disk has done something since. */
    private static final String SOME_WORK = "writes() { awk '{print $5}' /sys/block/vda/stat; }; before=$(writes);"
            + " sleep 1; for i in $(seq 600); do [ $(writes) -gt $before ] && exit 0; sleep 0.1; done; exit 1";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    @ParameterizedTest(name = "packed={0}")
    @ValueSource(booleans = {false, true})
    void theGuestSeesAPauseAndNothingElse(boolean packed) {
        RingsideDaemon daemon = new RingsideDaemon(bed);
        Path ram = daemon.serveMemory("Malloc0", DISK_BYTES);
        Path file = daemon.serveFile("File0", bed.disk("File0", DISK_BYTES), false);
        Guest guest = bed.guest("guest")
                .disk(VhostUserDisk.at(ram).queues(2).packed(packed))
                .disk(VhostUserDisk.at(file).queues(2).packed(packed))
                .start();
        assertThat(guest.hasPackedRings("vda")).isEqualTo(packed);
        final long usual = longest(guest, 5);
        System.out.println("no upgrade, packed=" + packed + ": longest request " + usual + " ms");

        guest.run("({ " + load(LOAD_SECONDS) + "; echo $? >/tmp/fio.status; } >/tmp/fio.json 2>/tmp/fio.err &)");
        for (int upgrade = 1; upgrade <= UPGRADES; upgrade++) {
            guest.run(SOME_WORK, Duration.ofSeconds(90));
            daemon = daemon.replace(bed, "ringside-" + upgrade + ".log");
        }
        guest.run(SOME_WORK, Duration.ofSeconds(90));
        guest.run(
                "for i in $(seq 100); do [ -e /tmp/fio.status ] && break; sleep 1; done;"
                        + " cat /tmp/fio.err; exit $(cat /tmp/fio.status)",
                Duration.ofMinutes(2));
        long longest = check(FioReport.parse(guest.run("cat /tmp/fio.json")));

        System.out.println(UPGRADES + " upgrades, packed=" + packed + ": longest request " + longest + " ms");
        assertThat(longest).isLessThan(usual + LONGEST_PAUSE.toMillis());
        assertThat(guest.run("dmesg | grep -c -E 'I/O error|critical' || true").strip())
                .isEqualTo("0");
        guest.reset();
        longest(guest, 2);
        assertThat(daemon.stop()).isZero();
    }

    private static String load(int seconds) {
        return LOAD + seconds + " --name=ram --filename=/dev/vda --name=file --filename=/dev/vdb";
    }

    private static long longest(Guest guest, int seconds) {
        return check(FioReport.parse(guest.run(load(seconds), Duration.ofSeconds(seconds + 60L))));
    }

    /** The longest request of all jobs, in ms. */
    private static long check(List<FioReport> reports) {
        assertThat(reports).hasSize(2).allSatisfy(report -> {
            assertThat(report.error()).isZero();
            assertThat(report.reads()).isPositive();
        });
        return reports.stream().mapToLong(FioReport::longestNanos).max().orElseThrow() / 1_000_000;
    }
}
