package dev.ringside.benchmarks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Loads disks of a configuration, as the daemon would make them. */
class BdevLoadTest {
    @TempDir
    private Path directory;

    private Path config;

    @BeforeEach
    void describe() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[8 << 20]);
        Path fixed = Files.write(directory.resolve("fixed"), new byte[8 << 20]);
        config = directory.resolve("target.json");
        Files.writeString(config, """
                {"subsystems": [
                  {"subsystem": "bdev", "config": [
                    {"method": "bdev_malloc_create", "params": {"name": "ram", "num_blocks": 16384, "block_size": 512}},
                    {"method": "bdev_malloc_create", "params": {"name": "large", "num_blocks": 256, "block_size": 4096}},
                    {"method": "bdev_null_create", "params": {"name": "null", "num_blocks": 16384, "block_size": 512}},
                    {"method": "bdev_uring_create", "params": {"name": "file", "filename": "%s", "block_size": 512}},
                    {"method": "bdev_aio_create",
                     "params": {"name": "fixed", "filename": "%s", "block_size": 512, "readonly": true}},
                    {"method": "bdev_enable_histogram", "params": {"name": "ram", "enable": true}}]},
                  {"subsystem": "vhost", "config": [
                    {"method": "vhost_create_blk_controller", "params": {"ctrlr": "v", "dev_name": "ram"}}]}]}
                """.formatted(file, fixed));
    }

    private PerfRun load(String bdev, String... more) {
        List<String> args = new ArrayList<>(List.of("bdev", "--config", config.toString(), "--bdev", bdev));
        args.addAll(List.of("--time", "0.3", "--warm-up", "0.1", "--json"));
        args.addAll(List.of(more));
        return PerfRun.of(args.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "ram, -p randread -d 1",
        "ram, -p randrw --verify -d 32",
        "ram, -p randwrite --verify -b 512 -d 300",
        "ram, -p write --verify -b 1M -d 3",
        "ram, -p randrw --verify -q 2 -d 4",
        "ram, -p trim -b 64k",
        "ram, -p copy -d 4",
        "ram, -p copy -q 2 -b 64k --range 384k",
        "large, -p randrw --verify -d 4",
        "null, -p randread -d 32",
        "file, -p randrw --verify -d 16",
        "file, -p randrw --verify -q 2 -d 4 --rate 2000",
        "file, -p read -d 1",
        "fixed, -p read -d 8"
    })
    void findsNothingWrongWithAGoodDisk(String bdev, String args) {
        PerfRun run = load(bdev, args.split(" "));

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.at("/server").asString()).isEqualTo(bdev);
        assertThat(json.at("/requests").asLong()).isPositive();
        assertThat(json.at("/errors/io").asLong()).isZero();
        assertThat(json.at("/errors/verify").asLong()).isZero();
        if (args.contains("--verify")) {
            assertThat(json.at("/errors/blocks_checked").asLong()).isPositive();
        }
        assertThat(json.at("/workload/device").asString()).isEqualTo("bdev");
        assertThat(json.at("/per_core").size()).isEqualTo(args.contains("-q 2") ? 2 : 1);
        assertThat(json.at("/per_core/0/iops").asDouble()).isPositive();
        assertThat(json.at("/cpu_seconds/client").asDouble()).isPositive();
    }

    @Test
    void findsThatANullDiskKeepsNothing() {
        PerfRun run = load("null", "--verify", "-p", "randrw");

        assertThat(run.status()).isEqualTo(ExitCode.FAILED);
        assertThat(run.json().at("/errors/verify").asLong()).isPositive();
        assertThat(run.json().at("/errors/io").asLong()).isZero();
    }

    @Test
    void knowsOfNoHardwareUnderARamDisk() {
        PerfRun run = PerfRun.of("hw", "--config", config.toString(), "--bdev", "ram");

        assertThat(run.status()).isEqualTo(ExitCode.USAGE);
        assertThat(run.errorLines())
                .containsExactly("ringside: --bdev ram: it is a Malloc disk, NVMe drives and SCSI disks are allowed");
    }

    @Test
    void copiesOnlyWhereTheDiskDoes() {
        assertThat(load("null", "-p", "copy").errorLines())
                .containsExactly(
                        "ringside: --pattern copy goes with perf bdev and a disk whose supported_io_types have copy");
        assertThat(load("ram", "-p", "copy", "-b", "64k", "--range", "64k").errorLines())
                .singleElement()
                .asString()
                .contains("at least 131072");
    }

    @Test
    void writesNoReadOnlyDisk() {
        assertThat(load("fixed", "-p", "write").errorLines())
                .containsExactly(
                        "ringside: the disk cannot be written: --pattern read and randread without --verify and"
                                + " --fill are allowed");
    }

    @Test
    void refusesWhatTheConfigurationHasNot() throws IOException {
        assertThat(load("nothing").errorLines())
                .containsExactly("ringside: --bdev: there is no bdev nothing in " + config);
        assertThat(load("large", "-b", "512").status()).isEqualTo(ExitCode.USAGE);

        Files.writeString(
                config,
                "{\"subsystems\": [{\"subsystem\": \"bdev\", \"config\": ["
                        + "{\"method\": \"bdev_malloc_create\", \"params\": {\"name\": \"ram\"}}]}]}");
        PerfRun wrong = load("ram");
        assertThat(wrong.status()).isEqualTo(ExitCode.FAILED);
        assertThat(wrong.errorLines()).singleElement().asString().contains("target.json:1:", "bdev_malloc_create");

        config = directory.resolve("none");
        assertThat(load("ram").errorLines()).containsExactly("ringside: " + config + ": there is no such file");
    }
}
