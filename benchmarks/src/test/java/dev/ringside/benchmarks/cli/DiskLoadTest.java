package dev.ringside.benchmarks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.benchmarks.cli.SpoiltBdev.Fault;
import dev.ringside.vhost.blk.BlkSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Loads disks of a target in this process. */
class DiskLoadTest {

    private static PerfRun load(DiskRig rig, String... more) {
        List<String> args =
                new ArrayList<>(List.of("vhost", "--socket", rig.socket().toString()));
        args.addAll(List.of("--time", "0.3", "--warm-up", "0.1", "--json"));
        args.addAll(List.of(more));
        return PerfRun.of(args.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-p randread -d 1",
                "-p randwrite -b 512 -d 32",
                "-p trim -b 64k",
                "-p randrw --read-percent 70 --verify",
                "-p write --verify -b 1M -d 3",
                "-p read --verify --range 1M",
                "-p randwrite --verify -b 512 --range 1M",
                "-p randrw --verify -q 2 -d 4",
                "-p randrw --verify -q 2 -d 4 --calls on",
                "-p randrw --verify -q 3 --threads 2 -d 4",
                "-p randread -q 4 --threads 1 --rate 5000",
                "-p randread --kicks off",
                "-p randread --fill -d 1",
                "-p randrw --verify --indirect on -d 300 -b 512",
                "-p randrw --verify --rate 2000 --calls on",
                "-p randrw --verify --inflight on",
                "-p randread -d 1 --ring packed",
                "-p randrw --verify -d 100 --ring packed",
                "-p randrw --verify -q 2 -d 4 --ring packed --calls on",
                "-p randrw --verify -q 3 --threads 2 -d 8 --ring packed --inflight on",
                "-p randrw --verify --indirect on -d 300 -b 512 --ring packed",
                "-p trim -b 64k --ring packed",
                "-p randread --kicks off --fill --ring packed",
                "-p randrw --verify --rate 2000 --calls on --ring packed --inflight on"
            })
    void findsNothingWrongWithAGoodDisk(String args) throws Exception {
        try (DiskRig rig = DiskRig.of(DiskRig.malloc(512, 8))) {
            PerfRun run = load(rig, args.split(" "));

            assertThat(run.status()).as(run.err()).isZero();
            JsonNode json = run.json();
            assertThat(json.at("/requests").asLong()).isPositive();
            assertThat(json.at("/disk_bytes").asLong()).isEqualTo(8 << 20);
            assertThat(json.at("/errors/io").asLong()).isZero();
            assertThat(json.at("/errors/verify").asLong()).isZero();
            if (args.contains("--verify")) {
                assertThat(json.at("/errors/blocks_checked").asLong()).isPositive();
            }
            assertThat(json.at("/cpu_seconds/server").isNumber()).isTrue();
            assertThat(json.at("/workload/ring").asString()).isEqualTo(args.contains("packed") ? "packed" : "split");
            assertThat(json.at("/workload/inflight").asBoolean()).isEqualTo(args.contains("--inflight on"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BIT, randrw, its checksum is wrong",
        "BIT, write, its checksum is wrong",
        "LOST_WRITE, randwrite, it says sector 24 generation 1",
        "LOST_WRITE, randrw, it says sector 24 generation 1"
    })
    void findsWhatADiskSpoils(Fault fault, String pattern, String message) throws Exception {
        try (DiskRig rig = DiskRig.of(new SpoiltBdev(DiskRig.malloc(512, 1), 24, fault))) {
            PerfRun run = load(rig, "--verify", "-p", pattern);

            assertThat(run.status()).isEqualTo(ExitCode.FAILED);
            assertThat(run.json().at("/errors/verify").asLong()).isPositive();
            assertThat(run.json().at("/errors/first").asString())
                    .startsWith("sector 24 should hold generation ")
                    .contains(message);
            assertThat(run.err()).contains("ringside: the first error: sector 24 should hold");
        }
    }

    @Test
    void findsThatANullDiskKeepsNothing() throws Exception {
        try (DiskRig rig = DiskRig.of(NullBdev.create("null", UUID.randomUUID(), 512, 4096))) {
            PerfRun run = load(rig, "--verify", "-p", "randrw");

            assertThat(run.status()).isEqualTo(ExitCode.FAILED);
            assertThat(run.json().at("/errors/verify").asLong()).isPositive();
            assertThat(run.json().at("/errors/io").asLong()).isZero();
        }
    }

    @Test
    void tellsOfFailedRequests() throws Exception {
        try (DiskRig rig = DiskRig.of(new SpoiltBdev(DiskRig.malloc(512, 1), 8, Fault.ERROR))) {
            PerfRun run = load(rig, "-p", "read");

            assertThat(run.status()).isEqualTo(ExitCode.FAILED);
            assertThat(run.json().at("/errors/io").asLong()).isPositive();
            assertThat(run.json().at("/errors/first").asString())
                    .isEqualTo("read of 4096 bytes at sector 8: VIRTIO_BLK_S_IOERR");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-b 512 | --block-size 512: multiples of the disk's block of 4096 bytes are allowed",
                "--range 2M | --range 2097152: at most the disk's 1048576 bytes are allowed",
                "--verify -d 1000 -p read | the range of 1048576 bytes is too small: 1 queues need at least 8192000",
                "--server-pid 2147483647 | --server-pid 2147483647: the number of a process is allowed"
            })
    void refusesWhatTheDiskCannotDo(String args, String message) throws Exception {
        try (DiskRig rig = DiskRig.of(DiskRig.malloc(4096, 1))) {
            PerfRun run = load(rig, args.split(" "));

            assertThat(run.status()).isEqualTo(ExitCode.USAGE);
            assertThat(run.errorLines()).containsExactly("ringside: " + message);
        }
    }

    @Test
    void findsNoPackedRingsWhereThereAreNone() throws Exception {
        try (DiskRig rig = DiskRig.with(DiskRig.malloc(512, 1), BlkSettings.DEFAULT.withPackedRing(false))) {
            assertThat(load(rig, "--ring", "packed").errorLines())
                    .containsExactly("ringside: --ring packed: the disk has no packed rings, split is allowed");
        }
    }

    @Test
    void writesNoReadOnlyDisk() throws Exception {
        try (DiskRig rig = DiskRig.readOnly(DiskRig.malloc(512, 1))) {
            assertThat(load(rig, "-p", "randrw").status()).isEqualTo(ExitCode.USAGE);
            assertThat(load(rig, "-p", "read", "--verify").status()).isEqualTo(ExitCode.USAGE);
            assertThat(load(rig, "-p", "trim").errorLines())
                    .containsExactly(
                            "ringside: the disk cannot be written: --pattern read and randread without --verify and"
                                    + " --fill are allowed");
            assertThat(load(rig, "-p", "read").status()).isZero();
        }
    }
}
