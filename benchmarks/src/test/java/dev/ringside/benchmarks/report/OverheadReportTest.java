package dev.ringside.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ringside.benchmarks.load.BdevSetting;
import dev.ringside.benchmarks.load.CoreShare;
import dev.ringside.benchmarks.load.HardwareSetting;
import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.LoadSetting;
import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.load.Workload;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two loads side by side. */
class OverheadReportTest {
    private static LoadReport report(LoadSetting setting, long latencyNs, double iops) {
        return report(setting, latencyNs, iops, 2);
    }

    private static LoadReport report(LoadSetting setting, long latencyNs, double iops, double seconds) {
        Workload workload =
                new Workload(Pattern.RANDREAD, 100, 4096, 1, 1, 1 << 30, 0, 0, 2_000_000_000L, false, false);
        Histogram latency = new Histogram(1, 100_000_000_000L, 5);
        latency.recordValueWithCount(latencyNs, 100);
        LoadResult result = new LoadResult(
                seconds,
                latency,
                0,
                0,
                0,
                Optional.empty(),
                List.of(new CoreShare(1, 100, iops, latency, 2)),
                OptionalDouble.empty());
        return new LoadReport("Nvme0n1", workload, setting, 1L << 30, result);
    }

    private static OverheadReport overhead() {
        return overhead(Optional.of(report(new HardwareSetting("NVMe disk", 512), 10_000, 100_000)));
    }

    private static OverheadReport overhead(Optional<LoadReport> bare) {
        return new OverheadReport(bare, report(new BdevSetting("NVMe disk", 512), 10_400, 96_000));
    }

    /** As {@link #overhead}, but for a bare device that was measured for half a second of two. */
    private static OverheadReport endedEarly() {
        return overhead(Optional.of(report(new HardwareSetting("NVMe disk", 512), 10_000, 100_000, 0.5)));
    }

    @Test
    void isATable() {
        assertThat(overhead().lines())
                .contains(
                        "Nvme0n1: randread, 4,096 bytes, 1 queue of depth 1",
                        "                   bare device   block layer    difference",
                        "IOPS                   100,000        96,000        -4,000",
                        "ns per request          10,000        10,417           417",
                        "mean, ns                10,000        10,400           400",
                        "p50, ns                 10,000        10,400           400",
                        "software overhead per I/O: 400 ns of its latency, 417 ns of its queue's time")
                .noneMatch(line -> line.contains("ended early"));
    }

    @Test
    void saysHowMuchWasMeasuredWhenItIsEndedEarly() {
        OverheadReport report = endedEarly();

        assertThat(report.lines())
                .contains("IOPS                   100,000        96,000        -4,000")
                .endsWith("ended early: 0.50 s were measured on the bare device, 2.00 s through the block layer");
        assertThat(report.json().at("/ended_early").asBoolean()).isTrue();
        assertThat(report.json().at("/hardware/seconds").asDouble()).isEqualTo(0.5);
    }

    @Test
    void tellsOfTheBlockLayerAloneWhenTheBareDeviceWasNotMeasured() {
        OverheadReport report = overhead(Optional.empty());

        assertThat(report.lines())
                .contains("IOPS            96,000")
                .endsWith("ended early: nothing was measured on the bare device");
        JsonNode json = report.json();
        assertThat(json.at("/ended_early").asBoolean()).isTrue();
        assertThat(json.at("/block_layer/iops").asDouble()).isEqualTo(96_000);
        assertThat(json.get("hardware").isNull()).isTrue();
        assertThat(json.get("overhead_ns").isNull()).isTrue();
    }

    @Test
    void standsInATableThatSaysInWhichLoadItWasEnded() {
        assertThat(new SpeedTable(List.of(overhead()), 1).lines()).noneMatch(line -> line.contains("ended early"));
        assertThat(new SpeedTable(List.of(overhead(), endedEarly()), 3).lines())
                .endsWith("ended early, in load 2 of 3");
        assertThat(new SpeedTable(List.of(overhead(), overhead()), 3).lines()).endsWith("ended early, in load 3 of 3");
        assertThat(new SpeedTable(List.of(overhead(Optional.empty())), 1).lines())
                .contains(
                        "randread      4,096      1           -          -          -       375.0     96,000     10,400")
                .endsWith("ended early, in load 1 of 1");
    }

    @Test
    void hasBothLoadsInJson() {
        JsonNode json = overhead().json();

        assertThat(json.at("/ended_early").asBoolean()).isFalse();
        assertThat(json.at("/hardware/workload/device").asString()).isEqualTo("hw");
        assertThat(json.at("/block_layer/workload/device").asString()).isEqualTo("bdev");
        assertThat(json.at("/hardware/iops").asDouble()).isEqualTo(100_000);
        assertThat(json.at("/overhead_ns/latency_mean").asDouble()).isCloseTo(400, within(0.1));
        assertThat(json.at("/overhead_ns/latency_p50").asDouble()).isCloseTo(400, within(1.0));
        assertThat(json.at("/overhead_ns/per_request").asDouble()).isCloseTo(416.7, within(0.1));
    }
}
