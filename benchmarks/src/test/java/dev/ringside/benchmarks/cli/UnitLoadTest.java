package dev.ringside.benchmarks.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.benchmarks.cli.SpoiltBdev.Fault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Loads logical units of a SCSI target in this process. */
class UnitLoadTest {

    private static PerfRun load(DiskRig rig, String... more) {
        List<String> args =
                new ArrayList<>(List.of("vhost", "--socket", rig.socket().toString(), "--device", "scsi"));
        args.addAll(List.of("--time", "0.3", "--warm-up", "0.1", "--json"));
        args.addAll(List.of(more));
        return PerfRun.of(args.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "512, -p randread -d 1",
        "512, -p randwrite -b 512 -d 32",
        "512, -p trim -b 64k",
        "4096, -p trim -b 64k",
        "512, -p randrw --read-percent 70 --verify",
        "4096, -p randrw --verify -d 100",
        "512, -p write --verify -b 1M -d 3",
        "4096, -p randrw --verify -q 2 -d 4 --calls on",
        "512, -p randrw --verify -q 3 --threads 2 -d 4",
        "512, -p randrw --verify --indirect on -d 300 -b 512",
        "512, -p randrw --verify --inflight on",
        "512, -p randread --kicks off --fill --ring packed",
        "4096, -p randrw --verify -d 100 --ring packed",
        "512, -p randrw --verify -q 2 -d 4 --ring packed --calls on",
        "512, -p randrw --verify --indirect on -d 300 -b 512 --ring packed",
        "512, -p trim -b 64k --ring packed",
        "512, -p randrw --verify --rate 2000 --calls on --ring packed --inflight on"
    })
    void findsNothingWrongWithAGoodUnit(int block, String args) throws Exception {
        try (DiskRig rig = DiskRig.scsi(DiskRig.malloc(block, 8), 3, 1)) {
            PerfRun run = load(rig, ("--target 3 --lun 1 " + args).split(" "));

            assertThat(run.status()).as(run.err()).isZero();
            JsonNode json = run.json();
            assertThat(json.at("/requests").asLong()).isPositive();
            assertThat(json.at("/disk_bytes").asLong()).isEqualTo(8 << 20);
            assertThat(json.at("/errors/io").asLong()).isZero();
            assertThat(json.at("/errors/verify").asLong()).isZero();
            if (args.contains("--verify")) {
                assertThat(json.at("/errors/blocks_checked").asLong()).isPositive();
            }
            assertThat(json.at("/workload/device").asString()).isEqualTo("scsi");
            assertThat(json.at("/workload/target").asInt()).isEqualTo(3);
            assertThat(json.at("/workload/lun").asInt()).isEqualTo(1);
            assertThat(json.at("/workload/ring").asString()).isEqualTo(args.contains("packed") ? "packed" : "split");
        }
    }

    @Test
    void findsWhatAUnitSpoils() throws Exception {
        try (DiskRig rig = DiskRig.scsi(new SpoiltBdev(DiskRig.malloc(512, 1), 24, Fault.BIT), 0, 0)) {
            PerfRun run = load(rig, "--verify", "-p", "randrw");

            assertThat(run.status()).isEqualTo(ExitCode.FAILED);
            assertThat(run.json().at("/errors/first").asString()).contains("its checksum is wrong");
        }
    }

    @Test
    void tellsOfFailedRequests() throws Exception {
        try (DiskRig rig = DiskRig.scsi(new SpoiltBdev(DiskRig.malloc(512, 1), 8, Fault.ERROR), 0, 0)) {
            PerfRun run = load(rig, "-p", "read");

            assertThat(run.status()).isEqualTo(ExitCode.FAILED);
            assertThat(run.json().at("/errors/io").asLong()).isPositive();
            assertThat(run.json().at("/errors/first").asString())
                    .isEqualTo("read of 4096 bytes at sector 8: status 02h, MEDIUM_ERROR, 11/00");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--target 4", "--target 3 --lun 2"})
    void findsNoUnitWhereThereIsNone(String args) throws Exception {
        try (DiskRig rig = DiskRig.scsi(DiskRig.malloc(512, 1), 3, 1)) {
            PerfRun run = load(rig, args.split(" "));

            assertThat(run.status()).isEqualTo(ExitCode.FAILED);
            assertThat(run.errorLines()).singleElement().asString().contains("target ");
        }
    }

    @Test
    void refusesBlocksThatTheUnitDoesNotHave() throws Exception {
        try (DiskRig rig = DiskRig.scsi(DiskRig.malloc(4096, 1), 0, 0)) {
            assertThat(load(rig, "-b", "512").errorLines())
                    .containsExactly(
                            "ringside: --block-size 512: multiples of the disk's block of 4096 bytes are" + " allowed");
        }
    }
}
