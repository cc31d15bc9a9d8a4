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
        Workload workload =
                new Workload(Pattern.RANDREAD, 100, 4096, 1, 1, 1 << 30, 0, 0, 2_000_000_000L, false, false);
        Histogram latency = new Histogram(1, 100_000_000_000L, 5);
        latency.recordValueWithCount(latencyNs, 100);
        LoadResult result = new LoadResult(
                2,
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
        return new OverheadReport(
                report(new HardwareSetting("NVMe disk", 512), 10_000, 100_000),
                report(new BdevSetting("NVMe disk", 512), 10_400, 96_000));
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
                        "software overhead per I/O: 400 ns of its latency, 417 ns of its queue's time");
    }

    @Test
    void hasBothLoadsInJson() {
        JsonNode json = overhead().json();

        assertThat(json.at("/hardware/workload/device").asString()).isEqualTo("hw");
        assertThat(json.at("/block_layer/workload/device").asString()).isEqualTo("bdev");
        assertThat(json.at("/hardware/iops").asDouble()).isEqualTo(100_000);
        assertThat(json.at("/overhead_ns/latency_mean").asDouble()).isCloseTo(400, within(0.1));
        assertThat(json.at("/overhead_ns/latency_p50").asDouble()).isCloseTo(400, within(1.0));
        assertThat(json.at("/overhead_ns/per_request").asDouble()).isCloseTo(416.7, within(0.1));
    }
}
