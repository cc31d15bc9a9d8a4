package dev.ringside.benchmarks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the command line takes and what it refuses. */
class CommandLineTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vhost | one of --socket PATH and --self-test is needed, and not both",
                "vhost --self-test -s /x | one of --socket PATH and --self-test is needed, and not both",
                "vhost --self-test --queues 0 | --queues 0: a whole number from 1 to 256 is allowed",
                "vhost --self-test --queues x | --queues x: a whole number from 1 to 256 is allowed",
                "vhost --self-test --queue-depth 1025 | --queue-depth 1025: a whole number from 1 to 1024 is allowed",
                "vhost --self-test --block-size 700 | --block-size 700: a multiple of 512 from 512 to 1048576 is allowed",
                "vhost --self-test --block-size 2M | --block-size 2M: a multiple of 512 from 512 to 1048576 is allowed",
                "vhost --self-test --pattern up | --pattern up: read, write, randread, randwrite, randrw, trim, copy are allowed",
                "vhost --self-test --read-percent 50 | --read-percent goes with --pattern randrw",
                "vhost --self-test -p randrw --read-percent 101 | --read-percent 101: a whole number from 0 to 100 is allowed",
                "vhost --self-test --time 0 | --time 0: seconds from 0.1 to 86400 are allowed",
                "vhost --self-test --warm-up -1 | --warm-up -1: seconds from 0 to 3600 are allowed",
                "vhost --self-test --rate 0 | --rate 0: a whole number from 1 to 1000000000 is allowed",
                "vhost --self-test --ring round | --ring round: split and packed are allowed",
                "vhost --self-test --inflight on | --calls on, --inflight on and --server-pid go with a disk",
                "vhost --self-test --kicks yes | --kicks yes: on and off are allowed",
                "vhost --self-test --cores 1000 | --cores 1000: cores of [",
                "vhost --self-test --cores x | --cores: \"[x]\" is not a set of cores",
                "vhost --self-test -q 2 --threads 3 | --threads 3: a whole number from 1 to 2 is allowed",
                "vhost -s /x -q 2 --threads 1 --calls on | --threads 1: with --calls on a thread for each queue is allowed",
                "vhost --self-test --verify | --verify goes with a disk",
                "vhost -s /x -p trim --verify | --verify goes with a disk and with patterns that read or write it",
                "vhost --self-test --fill | --fill goes with a disk and with patterns that read or write it",
                "vhost --self-test --calls on | --calls on, --inflight on and --server-pid go with a disk",
                "vhost -s /x --device nvme | --device nvme: blk and scsi are allowed",
                "vhost --self-test --device scsi | --device goes with a disk: --self-test is of a block device",
                "vhost -s /x --lun 1 | --target and --lun go with --device scsi",
                "vhost -s /x --device scsi --target 256 | --target 256: a whole number from 0 to 255 is allowed",
                "vhost -s /x --device scsi --lun x | --lun x: a whole number from 0 to 16383 is allowed",
                "vhost --frob | Unknown option: '--frob'; 'ringside perf vhost --help' tells what is allowed",
                "vhost --queues | Missing required parameter for option '--queues'",
                "bdev --bdev x | Missing required option: '--config=FILE'",
                "bdev --config /x | Missing required option: '--bdev=NAME'",
                "bdev -c /x --bdev x -p trim --verify | --verify goes with a disk and with patterns that read or write it",
                "bdev -c /x --bdev x -p copy --fill | --fill goes with a disk and with patterns that read or write it",
                "vhost --self-test -p copy | --pattern copy goes with perf bdev",
                "hw -c /x --bdev x -p copy | --pattern copy goes with perf bdev",
                "hw -c /x --bdev x -p trim | --pattern trim goes with perf bdev and perf vhost",
                "hw -c /x --bdev x --verify | --verify goes with perf bdev and perf vhost: requests that are built",
                "hw -c /x --bdev x --loads read:4k | --loads read:4k: PATTERN:BYTES:DEPTH is allowed, such as randread:4k:32",
                "hw -c /x --bdev x --loads read:4k:1,up:4k:1 | --loads up: read, write, randread, randwrite, randrw, trim, copy are",
                "hw -c /x --bdev x --loads read:700:1 | --loads 700: a multiple of 512 from 512 to 1048576 is allowed",
                "hw -c /x --bdev x --loads read:4k:0 | --loads 0: a whole number from 1 to 1024 is allowed",
                "hw -c /x --bdev x --loads trim:4k:1 | --pattern trim goes with perf bdev and perf vhost",
                "hw -c /x --bdev x --loads read:4k:1 -d 4 | --queue-depth and --loads: only one of them is allowed",
                "hw -c /x --bdev x --loads read:4k:1 -p read | --pattern and --loads: only one of them is allowed",
                "limits --cores 0 | two cores are needed, there are 1",
                "start -s /x -r /y | Missing required parameter: 'COMMAND'",
                "start -s /x -r /y --interval 0 -- true | --interval 0: seconds from 0.01 to 10 are allowed",
                "start -s /x -r /y -d 0 -- true | --queue-depth 0: a whole number from 1 to 1024 is allowed",
                "calls -r /x --rate 0 | --rate 0: a whole number from 1 to 10000 is allowed",
                "'' | which measurement? vhost, bdev, hw, limits, start, calls, fuzz and neighbour are allowed"
            })
    void refusesInOneLineWhatMakesNoSense(String args, String message) {
        PerfRun run = PerfRun.of(args.isEmpty() ? new String[0] : args.split(" "));

        assertThat(run.status()).isEqualTo(ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.errorLines()).hasSize(1);
        assertThat(run.errorLines().getFirst()).startsWith("ringside: " + message);
    }

    @Test
    void saysThatNobodyListens() {
        PerfRun run = PerfRun.of("vhost", "--socket", "/nowhere/vhost.0");

        assertThat(run.status()).isEqualTo(ExitCode.NOT_CONNECTED);
        assertThat(run.errorLines())
                .containsExactly("ringside: connect /nowhere/vhost.0: No such file or directory (ENOENT)");
    }

    @Test
    void saysThatAServerEndsAtOnce() {
        PerfRun run = PerfRun.of("start", "-s", "/nowhere/v", "-r", "/nowhere/r", "-w", "0.1", "--", "false");

        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
        assertThat(run.errorLines()).containsExactly("ringside: the server has ended with status 1");
    }

    @Test
    void saysThatNoDaemonAnswersCalls() {
        assertThat(PerfRun.of("calls", "-r", "/nowhere/r").status()).isEqualTo(ExitCode.NOT_CONNECTED);
    }

    @Test
    void tellsWhatThereIs() {
        PerfRun run = PerfRun.of("vhost", "--help");

        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("--queue-depth", "--pattern", "--verify", "--self-test");
    }

    @ParameterizedTest
    @CsvSource({
        "1, randread, off, split",
        "32, randwrite, off, split",
        "128, randrw, on, split",
        "8, trim, off, split",
        "4, read, on, split",
        "1, randread, off, packed",
        "100, randrw, off, packed",
        "128, randwrite, on, packed"
    })
    void loadsItself(String depth, String pattern, String indirect, String ring) {
        PerfRun run = PerfRun.of(
                "vhost",
                "--self-test",
                "--time",
                "0.2",
                "--warm-up",
                "0.1",
                "--json",
                "-d",
                depth,
                "-p",
                pattern,
                "--indirect",
                indirect,
                "--ring",
                ring);

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.at("/server").asString()).isEqualTo("self-test");
        assertThat(json.at("/iops").asDouble()).isPositive();
        assertThat(json.at("/requests").asLong()).isPositive();
        assertThat(json.at("/errors/io").asLong()).isZero();
        assertThat(json.at("/errors/verify").asLong()).isZero();
        assertThat(json.at("/workload/pattern").asString()).isEqualTo(pattern);
        assertThat(json.at("/workload/queue_depth").asString()).isEqualTo(depth);
        assertThat(json.at("/workload/ring").asString()).isEqualTo(ring);
    }

    @Test
    void showsProgressEachSecondAndThenATable() {
        // Whoever shows the second second may be kept waiting for two others.
        PerfRun run = PerfRun.of("vhost", "--self-test", "--time", "4.2", "--warm-up", "0.1");

        assertThat(run.status()).isZero();
        assertThat(run.errorLines())
                .anyMatch(line -> line.matches("ringside: 1 s of 4: [0-9,]+ IOPS, [0-9,.]+ MiB/s"))
                .anyMatch(line -> line.startsWith("ringside: 2 s of 4: "));
        assertThat(run.out()).contains("IOPS", "MiB/s", "p99.99", "max", "█");
    }

    @Test
    void keepsToARate() {
        PerfRun run = PerfRun.of(
                "vhost", "--self-test", "--time", "1", "--warm-up", "0.1", "--rate", "5000", "-d", "64", "--json");

        assertThat(run.status()).isZero();
        assertThat(run.json().at("/requests").asLong()).isBetween(1L, 5_100L);
    }
}
