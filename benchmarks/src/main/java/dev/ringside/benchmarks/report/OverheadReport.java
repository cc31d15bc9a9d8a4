package dev.ringside.benchmarks.report;

import dev.ringside.benchmarks.load.LoadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The same load on a bare device and through the block layer: the difference is what software adds.
 *
 * @param hardware requests that were built beforehand
 * @param blockLayer requests through the block layer
 */
public record OverheadReport(LoadReport hardware, LoadReport blockLayer) {

    /** Lines for a terminal. */
    public List<String> lines() {
        int blockSize = hardware.workload().blockSize();
        List<String> lines = new ArrayList<>();
        lines.add(blockLayer.server() + ": " + hardware.title());
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%-16s%14s%14s%14s", "", "bare device", "block layer", "difference"));
        lines.add(row("IOPS", "%,14.0f", LoadResult::iops));
        lines.add(row("MiB/s", "%,14.1f", result -> result.mibPerSecond(blockSize)));
        lines.add(row("ns per request", "%,14.0f", this::nsPerRequest));
        lines.add(row("mean, ns", "%,14.0f", result -> result.latency().getMean()));
        for (Percentile percentile : Percentile.values()) {
            lines.add(row(percentile.text() + ", ns", "%,14.0f", result -> percentile.of(result.latency())));
        }
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "software overhead per I/O: %,.0f ns of its latency, %,.0f ns of its queue's time",
                difference(result -> result.latency().getMean()),
                difference(this::nsPerRequest)));
        return lines;
    }

    private double nsPerRequest(LoadResult result) {
        return result.nsPerRequest(hardware.workload().queues());
    }

    private double difference(ToDoubleFunction<LoadResult> value) {
        return value.applyAsDouble(blockLayer.result()) - value.applyAsDouble(hardware.result());
    }

    private String row(String name, String number, ToDoubleFunction<LoadResult> value) {
        return String.format(Locale.ROOT, "%-16s", name)
                + String.format(Locale.ROOT, number, value.applyAsDouble(hardware.result()))
                + String.format(Locale.ROOT, number, value.applyAsDouble(blockLayer.result()))
                + String.format(Locale.ROOT, number, difference(value));
    }

    /** The same as a JSON object; both loads in full, and the difference in ns. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("hardware", hardware.json());
        root.set("block_layer", blockLayer.json());
        ObjectNode overhead = root.putObject("overhead_ns");
        overhead.put("latency_mean", difference(result -> result.latency().getMean()));
        overhead.put("latency_p50", difference(result -> Percentile.P50.of(result.latency())));
        overhead.put("per_request", difference(this::nsPerRequest));
        return root;
    }
}
