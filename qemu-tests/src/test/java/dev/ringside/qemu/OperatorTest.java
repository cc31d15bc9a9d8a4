package dev.ringside.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What operators do on the command line, with the archive and nothing else, while a guest uses its disks. */
class OperatorTest {
    private static final long MIB = 1 << 20;
    private static final int EIO = 5;
    /** How long a rate is measured. */
    private static final int SECONDS = 5;

    private static final int MEASUREMENTS = 12;
    private static final long NAP_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** Whoever wakes up so much too late was not alone: the machine stood still. */
    private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    /** For so long it may in a measurement; the bursts make good for more. */
    private static final long STANDSTILL_NS = TimeUnit.MILLISECONDS.toNanos(150);

    /** Disks that are made of others, for the configuration. */
    private static final String STACKED = """
            {"subsystems": [{"subsystem": "bdev", "config": [
              {"method": "bdev_malloc_create", "params": {"name": "base", "num_blocks": 32768, "block_size": 512}},
              {"method": "bdev_split_create", "params": {"base_bdev": "base", "split_count": 2}},
              {"method": "bdev_error_create", "params": {"base_name": "basep0"}},
              {"method": "bdev_passthru_create", "params": {"base_bdev_name": "EE_basep0", "name": "pass"}},
              {"method": "bdev_delay_create", "params": {"base_bdev_name": "pass", "name": "slow", "avg_read_latency": 1,
                "p99_read_latency": 2, "avg_write_latency": 3, "p99_write_latency": 4}}]}]}
            """;

    private static final String VERIFY = "fio --output-format=json --direct=1 --ioengine=libaio --iodepth=16"
            + " --verify=crc32c --verify_state_save=0 --verify_dump=0 --size=8m"
            + " --name=random --rw=randwrite --bs=4k --name=sequential --rw=write --bs=128k";

    @RegisterExtension
    private final TestBed bed = new TestBed();

    private Installation ringside;

    @BeforeEach
    void install() throws IOException {
        ringside = new Installation(bed);
    }

    @Test
    void disksAreKeptLimitedExchangedAndMadeToFail() throws Exception {
        String state = bed.folder("state").toString();
        Process daemon = ringside.serve("--state", state);
        configure();
        String saved = ringside.run("save-config");
        assertThat(Installation.stop(daemon)).isZero();
        daemon = ringside.serve("--state", state, "--allow-faults");
        assertThat(ringside.run("save-config")).isEqualTo(saved);

        Guest guest = bed.guest("guest")
                .disk(VhostUserDisk.at(ringside.socketOf("vm-data")))
                .disk(VhostUserDisk.at(ringside.socketOf("vm-file")))
                .start();
        useFileSystem(guest, "vdb");
        FioLoad data = FioLoad.onDisk(guest, "vda");
        limitOneDisk(guest, data);
        FioLoad file = FioLoad.onDisk(guest, "vdb");
        limitBothDisks(guest, file);
        resizeUnderLoad(guest, data);
        swapUnderLoad(guest, file);
        data.stop(guest);
        file.stop(guest);
        assertThat(errors(guest)).isEmpty();

        failAndRecover(guest);
        assertThat(Installation.stop(daemon)).isZero();
    }

    private void configure() throws Exception {
        Path stacked = Files.writeString(bed.socket("stacked.json"), STACKED);
        ringside.run("load-config", stacked.toString());
        String image = bed.disk("file", 96 * MIB).toString();
        ringside.rpc("bdev_malloc_create", "-b", "data", "64", "512");
        ringside.rpc("bdev_aio_create", image, "file0", "512", "--shared");
        ringside.rpc("bdev_uring_create", image, "file1", "512", "--shared");
        ringside.rpc("vhost_create_blk_controller", "vm-data", "data");
        ringside.rpc("vhost_create_blk_controller", "vm-file", "file0");
        ringside.rpc("bdev_qos_group_create", "vm", "--rw-mbytes-per-sec", "100000");
        ringside.rpc("bdev_qos_group_add_bdev", "vm", "data");
        ringside.rpc("bdev_qos_group_add_bdev", "vm", "file0");
    }

    /** As scripts/demo.sh does. */
    private static void useFileSystem(Guest guest, String disk) {
        guest.run("mkfs.ext4 -q /dev/" + disk + " && mount /dev/" + disk + " /mnt/a");
        assertThat(FioReport.parse(guest.run("cd /mnt/a && " + VERIFY, Duration.ofMinutes(2))))
                .hasSize(2)
                .allSatisfy(report -> {
                    assertThat(report.error()).isZero();
                    assertThat(report.reads()).isPositive();
                });
        guest.run("umount /mnt/a && fsck.ext4 -f -n /dev/" + disk);
    }

    /**
     * With a burst of a fifth of a second: a reactor that is stopped for so long loses nothing. It is used up before the
     * measurement, which begins when more has been done than it.
     */
    private void limitOneDisk(Guest guest, FioLoad load) {
        ringside.rpc("bdev_set_qos_limit", "data", "--rw-ios-per-sec", "400", "--rw-ios-burst", "80");
        load.awaitProgress(guest);
        measure(400);

        // A limit that is set begins with its whole burst.
        measure(() -> ringside.rpc("bdev_set_qos_limit", "data", "--rw-ios-burst", "800"), 800, 400);
        ringside.rpc("bdev_set_qos_limit", "data", "--rw-ios-per-sec", "0", "--rw-ios-burst", "0");
    }

    private void limitBothDisks(Guest guest, FioLoad load) {
        ringside.rpc("bdev_qos_group_set_limit", "vm", "--rw-ios-per-sec", "400", "--rw-ios-burst", "80");
        load.awaitProgress(guest);
        Counters difference = measure(400);
        // They take turns, but fio does not always have a request for each.
        assertThat(difference.data() / (difference.data() + difference.file())).isBetween(0.33, 0.67);
        ringside.rpc("bdev_qos_group_delete", "vm");
    }

    private Counters measure(double perSecond) {
        return measure(() -> {}, 0, perSecond);
    }

    /**
     * Measures what both disks do, which is to be within 5 % of a limit. It is the first measurement in which the machine did
     * not stand still: in one in which it did, less may be done, but never more.
     *
     * @param first what is done at its beginning, and allows so many requests at once
     * @return what was done in it
     */
    private Counters measure(Runnable first, double atOnce, double perSecond) {
        for (int i = 1; i <= MEASUREMENTS; i++) {
            Counters begin = counters();
            first.run();
            long stoodStillNs = pass();
            Counters done = counters().since(begin);
            double sum = done.data() + done.file();
            double expected = atOnce + perSecond * done.seconds();
            String what = String.format(
                    "limit %.0f/s, and %.0f at once: %.0f in %.2f s, %.1f %%, of which the machine stood still for %d ms",
                    perSecond,
                    atOnce,
                    sum,
                    done.seconds(),
                    100 * sum / expected,
                    TimeUnit.NANOSECONDS.toMillis(stoodStillNs));
            System.out.println(what);
            assertThat(sum).as(what).isLessThanOrEqualTo(1.05 * expected);
            if (stoodStillNs < STANDSTILL_NS) {
                assertThat(sum).as(what).isGreaterThanOrEqualTo(0.95 * expected);
                return done;
            }
        }
        throw new AssertionError("the machine stood still in each of " + MEASUREMENTS + " measurements");
    }

    private void resizeUnderLoad(Guest guest, FioLoad load) {
        ringside.rpc("bdev_malloc_resize", "data", "80");
        guest.run("for i in $(seq 300); do [ $(blockdev --getsize64 /dev/vda) = " + 80 * MIB
                + " ] && exit; sleep 0.1; done; exit 1");
        load.awaitProgress(guest);
    }

    private void swapUnderLoad(Guest guest, FioLoad load) {
        ringside.rpc("vhost_controller_swap_bdev", "vm-file", "file1");
        load.awaitProgress(guest);
        assertThat(ringside.json("bdev_get_iostat", "-b", "file1")
                        .at("/bdevs/0/num_write_ops")
                        .asLong())
                .isPositive();
    }

    /** So many reads fail as are to, no other request does, and none when the faults are gone. */
    private void failAndRecover(Guest guest) {
        final int many = 25;
        // A request that fails is then one of fio's.
        guest.run("echo 2 >/sys/block/vda/queue/nomerges");
        FioLoad load = FioLoad.despiteErrors(guest, "vda");
        ringside.rpc(
                "fault_inject_bdev",
                "data",
                "[{\"action\": \"fail\", \"io_types\": [\"read\"], \"probability\": 0.1, \"count\": " + many + "}]",
                "--seed",
                "7");
        ringside.rpc("fault_inject_vring", "vm-data", "[{\"action\": \"withheld_completions\", \"for_ms\": 500}]");
        Deadline deadline = Deadline.in(Duration.ofSeconds(60));
        while (hits() < many) {
            assertThat(deadline.passed()).as("%s hits", hits()).isFalse();
            load.awaitProgress(guest);
        }
        ringside.rpc("fault_stop");
        assertThat(ringside.json("fault_get_injections")).isEmpty();
        load.awaitProgress(guest);

        FioReport report = load.interrupt(guest);
        assertThat(report.error()).isEqualTo(EIO);
        assertThat(report.failed()).isEqualTo(many);
        assertThat(ringside.json("bdev_get_iostat", "-b", "data")
                        .at("/bdevs/0/io_error/failed")
                        .asLong())
                .isEqualTo(many);
        assertThat(errors(guest))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains("dev vda").contains("READ"));
    }

    private long hits() {
        return ringside.json("fault_get_injections").at("/0/faults/0/hits").asLong();
    }

    /** Reads and writes on the two disks of the guest, and the time. */
    private record Counters(double data, double file, double seconds) {
        Counters since(Counters before) {
            return new Counters(data - before.data, file - before.file, seconds - before.seconds);
        }
    }

    private Counters counters() {
        JsonNode result = ringside.json("bdev_get_iostat", "--names", "data,file0");
        return new Counters(
                operations(result.at("/bdevs/0")),
                operations(result.at("/bdevs/1")),
                result.path("ticks").asDouble() / result.path("tick_rate").asDouble());
    }

    private static double operations(JsonNode bdev) {
        return bdev.path("num_read_ops").asLong() + bdev.path("num_write_ops").asLong();
    }

    /** Lets the time of a measurement pass; for how long the machine stood still in it, in ns. */
    private static long pass() {
        long begin = System.nanoTime();
        long stoodStillNs = 0;
        for (long now = begin; now - begin < TimeUnit.SECONDS.toNanos(SECONDS); ) {
            LockSupport.parkNanos(NAP_NS);
            long woken = System.nanoTime();
            if (woken - now > NAP_NS + LATE_NS) {
                stoodStillNs += woken - now - NAP_NS;
            }
            now = woken;
        }
        return stoodStillNs;
    }

    /** What the guest's kernel says of failed requests. */
    private static List<String> errors(Guest guest) {
        return guest.run("dmesg | grep -E 'I/O error|critical' || true").lines().toList();
    }
}
