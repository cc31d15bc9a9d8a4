package dev.ringside.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ringside.benchmarks.load.BdevSetting;
import dev.ringside.benchmarks.load.CoreShare;
import dev.ringside.benchmarks.load.DiskAddress;
import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.load.RingSetting;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.vhost.queue.RingFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Results as text and as JSON. */
class LoadReportTest {
    /** A latency of each whole microsecond from 1 to 10,000. */
    private static Histogram evenly() {
        Histogram latency = new Histogram(1, 100_000_000_000L, 3);
        for (int micros = 1; micros <= 10_000; micros++) {
            latency.recordValue(micros * 1000L);
        }
        return latency;
    }

    private static LoadReport report(Optional<String> error, OptionalDouble serverCpu) {
        Workload workload = new Workload(
                Pattern.RANDRW, 70, 4096, 2, 32, 1 << 30, 5000, 2_000_000_000L, 2_000_000_000L, true, false);
        long errors = error.isPresent() ? 3 : 0;
        List<CoreShare> cores =
                List.of(new CoreShare(1, 6_000, 3000, evenly(), 0.3), new CoreShare(0, 4_000, 2000, evenly(), 0.2));
        LoadResult result = new LoadResult(2, evenly(), 0, errors, 77, error, cores, serverCpu);
        RingSetting setting =
                new RingSetting(new DiskAddress.Scsi(3, 0), RingFormat.SPLIT, 256, false, true, true, true, false);
        return new LoadReport("/run/vhost.0", workload, setting, 1L << 30, result);
    }

    @Test
    void hasThePercentilesInJson() {
        JsonNode json = report(Optional.empty(), OptionalDouble.of(1.5)).json();

        assertThat(json.at("/latency_us/p50").asDouble()).isCloseTo(5000, within(10.0));
        assertThat(json.at("/latency_us/p90").asDouble()).isCloseTo(9000, within(10.0));
        assertThat(json.at("/latency_us").get("p99").asDouble()).isCloseTo(9900, within(10.0));
        assertThat(json.at("/latency_us").get("p99.9").asDouble()).isCloseTo(9990, within(10.0));
        assertThat(json.at("/latency_us").get("p99.99").asDouble()).isCloseTo(9999, within(10.0));
        assertThat(json.at("/latency_us/max").asDouble()).isCloseTo(10_000, within(10.0));
        assertThat(json.at("/latency_us/mean").asDouble()).isCloseTo(5000.5, within(10.0));
    }

    @Test
    void hasTheShapeThatScriptsReadInJson() {
        JsonNode json =
                report(Optional.of("sector 8 is wrong"), OptionalDouble.empty()).json();

        assertThat(json.propertyNames())
                .containsExactly(
                        "server",
                        "disk_bytes",
                        "workload",
                        "requests",
                        "seconds",
                        "ended_early",
                        "iops",
                        "mib_per_s",
                        "ns_per_request",
                        "latency_us",
                        "per_core",
                        "cpu_seconds",
                        "errors");
        assertThat(json.at("/iops").asDouble()).isEqualTo(5000);
        assertThat(json.at("/mib_per_s").asDouble()).isEqualTo(19.53125);
        assertThat(json.at("/ns_per_request").asDouble()).isEqualTo(400_000);
        assertThat(json.at("/cpu_seconds/client").asDouble()).isEqualTo(0.5);
        assertThat(json.at("/cpu_seconds/server").isNull()).isTrue();
        assertThat(json.at("/errors/verify").asLong()).isEqualTo(3);
        assertThat(json.at("/errors/first").asString()).isEqualTo("sector 8 is wrong");
        assertThat(json.at("/per_core/0/core").asInt()).isEqualTo(1);
        assertThat(json.at("/per_core/1/iops").asDouble()).isEqualTo(2000);
        assertThat(json.at("/per_core/1/latency_us/mean").asDouble()).isCloseTo(5000.5, within(10.0));
        assertThat(json.at("/workload/cores").toString()).isEqualTo("[1,0]");
        assertThat(json.at("/workload/calls").asBoolean()).isTrue();
        assertThat(json.at("/workload/device").asString()).isEqualTo("scsi");
        assertThat(json.at("/workload/target").asInt()).isEqualTo(3);
        assertThat(json.at("/workload/time_s").asDouble()).isEqualTo(2);
        assertThat(json.at("/ended_early").asBoolean()).isFalse();
    }

    @Test
    void isATable() {
        List<String> lines =
                report(Optional.of("sector 8 is wrong"), OptionalDouble.of(1.5)).lines();

        assertThat(lines)
                .contains(
                        "/run/vhost.0: randrw (70 % reads), 4,096 bytes, 2 queues of depth 32, target 3 logical unit 0,"
                                + " split ring of 256, calls, at most 5,000 IOPS, verified",
                        "IOPS            5,000",
                        "MiB/s           19.5",
                        "requests        10,000 in 2.00 s",
                        "ns per request  400000.0 of a queue, 50000.0 of the client's processors, 150000.0 of the server's",
                        "CPU seconds     client 0.50, server 1.50",
                        "errors          0 I/O, 3 verify, 77 blocks checked; the first: sector 8 is wrong",
                        "      mean       p50       p90       p99     p99.9    p99.99       max",
                        "   5.00 ms   5.00 ms   9.00 ms   9.90 ms   9.99 ms   10.0 ms   10.0 ms",
                        "   5.00 ms   5.00 ms   9.00 ms   9.90 ms   9.99 ms   10.0 ms   10.0 ms         3,000  1",
                        "   5.00 ms   5.00 ms   9.00 ms   9.90 ms   9.99 ms   10.0 ms   10.0 ms         2,000  0");
    }

    @Test
    void tellsOfADiskInThisProcess() {
        LoadReport report = ofDisk(1_000_000_000L);

        assertThat(report.lines())
                .contains("Malloc0: read, 512 bytes, 1 queue of depth 1, in this process: Malloc disk, blocks of 512")
                .noneMatch(line -> line.contains("core"));
        assertThat(report.json().at("/workload/device").asString()).isEqualTo("bdev");
        assertThat(report.json().at("/workload/product").asString()).isEqualTo("Malloc disk");
    }

    @Test
    void saysThatItWasEndedEarly() {
        LoadReport report = ofDisk(2_000_000_001L);

        assertThat(report.lines()).contains("requests        10,000 in 2.00 s, ended early");
        assertThat(report.json().at("/ended_early").asBoolean()).isTrue();
    }

    @Test
    void isAPictureThatFitsAScreen() {
        Histogram latency = evenly();
        latency.recordValue(5_000_000_000L);
        List<String> picture = LatencyPicture.draw(latency);

        assertThat(picture).hasSizeBetween(5, 22);
        assertThat(picture.getLast()).contains(" - 5.00 s ");
        assertThat(picture.stream().mapToInt(line ->
                        (int) line.chars().filter(c -> c == '█').count()))
                .allMatch(width -> width <= 50)
                .contains(50);
    }

    @Test
    void isAPictureOfOneLineWhenAllAreAlike() {
        Histogram latency = new Histogram(1, 1_000_000, 3);
        assertThat(LatencyPicture.draw(latency)).isEmpty();
        latency.recordValueWithCount(333, 1_000_000);

        assertThat(LatencyPicture.draw(latency))
                .singleElement()
                .asString()
                .matches(" *300 ns - 350 ns +█{50} 100.000 %");
    }

    /** Of a load of two seconds on a disk in this process, which was to take so long. */
    private static LoadReport ofDisk(long wantedNs) {
        Workload workload = new Workload(Pattern.READ, 100, 512, 1, 1, 1 << 20, 0, 0, wantedNs, false, false);
        List<CoreShare> cores = List.of(new CoreShare(0, 10_000, 5000, evenly(), 0.3));
        LoadResult result = new LoadResult(2, evenly(), 0, 0, 0, Optional.empty(), cores, OptionalDouble.empty());
        return new LoadReport("Malloc0", workload, new BdevSetting("Malloc disk", 512), 1 << 20, result);
    }
}
