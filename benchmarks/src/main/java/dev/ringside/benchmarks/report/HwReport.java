package dev.ringside.benchmarks.report;

import dev.ringside.benchmarks.hw.HwRun;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What came of reads from the bare hardware, as text and as JSON.
 *
 * @param title what was read from, and how
 * @param bytes of each read
 */
public record HwReport(String title, int bytes, HwRun.Result result) {

    /** Lines for a terminal. */
    public List<String> lines() {
        return List.of(
                title,
                "",
                String.format(Locale.ROOT, "%-16s%,.0f", "IOPS", result.iops()),
                String.format(Locale.ROOT, "%-16s%,.1f", "MiB/s", result.iops() * bytes / (1 << 20)),
                String.format(Locale.ROOT, "%-16s%,d", "errors", result.failed()),
                "",
                String.format(Locale.ROOT, "%10s", "mean")
                        + Arrays.stream(Percentile.values())
                                .map(p -> String.format(Locale.ROOT, "%10s", p.text()))
                                .collect(Collectors.joining()),
                String.format(Locale.ROOT, "%10s", Micros.of(result.latency().getMean()))
                        + Arrays.stream(Percentile.values())
                                .map(p ->
                                        String.format(Locale.ROOT, "%10s", Micros.of((double) p.of(result.latency()))))
                                .collect(Collectors.joining()));
    }

    /** The same as a JSON object; latencies in µs. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("title", title);
        root.put("block_size", bytes);
        root.put("requests", result.latency().getTotalCount());
        root.put("iops", result.iops());
        root.put("errors", result.failed());
        ObjectNode latency = root.putObject("latency_us");
        latency.put("mean", result.latency().getMean() / 1e3);
        for (Percentile percentile : Percentile.values()) {
            latency.put(percentile.text(), percentile.of(result.latency()) / 1e3);
        }
        return root;
    }
}
