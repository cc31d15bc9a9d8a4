package dev.ringside.benchmarks.report;

import dev.ringside.benchmarks.load.LoadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The same load through the block layer and on a bare device: the difference is what software adds.
 *
 * @param hardware requests that were built beforehand; empty: it was ended before anything of them was measured
 * @param blockLayer requests through the block layer
 */
public record OverheadReport(Optional<LoadReport> hardware, LoadReport blockLayer) {

    /** Whether less has been measured than was asked for. */
    boolean endedEarly() {
        return hardware.map(LoadReport::endedEarly).orElse(true);
    }

    /** Lines for a terminal. */
    public List<String> lines() {
        return hardware.map(this::sideBySide).orElseGet(this::blockLayerAlone);
    }

    private List<String> blockLayerAlone() {
        List<String> lines = new ArrayList<>(blockLayer.lines());
        lines.add("");
        lines.add("ended early: nothing was measured on the bare device");
        return lines;
    }

    private List<String> sideBySide(LoadReport bare) {
        int blockSize = blockLayer.workload().blockSize();
        List<String> lines = new ArrayList<>();
        lines.add(blockLayer.server() + ": " + blockLayer.title());
        lines.add("");
        lines.add(String.format(Locale.ROOT, "%-16s%14s%14s%14s", "", "bare device", "block layer", "difference"));
        lines.add(row("IOPS", "%,14.0f", bare, LoadResult::iops));
        lines.add(row("MiB/s", "%,14.1f", bare, result -> result.mibPerSecond(blockSize)));
        lines.add(row("ns per request", "%,14.0f", bare, this::nsPerRequest));
        lines.add(row("mean, ns", "%,14.0f", bare, result -> result.latency().getMean()));
        for (Percentile percentile : Percentile.values()) {
            lines.add(row(percentile.text() + ", ns", "%,14.0f", bare, result -> percentile.of(result.latency())));
        }
        lines.add("");
        lines.add(String.format(
                Locale.ROOT,
                "software overhead per I/O: %,.0f ns of its latency, %,.0f ns of its queue's time",
                difference(bare, result -> result.latency().getMean()),
                difference(bare, this::nsPerRequest)));
        if (endedEarly()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "ended early: %.2f s were measured on the bare device, %.2f s through the block layer",
                    bare.result().seconds(),
                    blockLayer.result().seconds()));
        }
        return lines;
    }

    private double nsPerRequest(LoadResult result) {
        return result.nsPerRequest(blockLayer.workload().queues());
    }

    private double difference(LoadReport bare, ToDoubleFunction<LoadResult> value) {
        return value.applyAsDouble(blockLayer.result()) - value.applyAsDouble(bare.result());
    }

    private String row(String name, String number, LoadReport bare, ToDoubleFunction<LoadResult> value) {
        return String.format(Locale.ROOT, "%-16s", name)
                + String.format(Locale.ROOT, number, value.applyAsDouble(bare.result()))
                + String.format(Locale.ROOT, number, value.applyAsDouble(blockLayer.result()))
                + String.format(Locale.ROOT, number, difference(bare, value));
    }

    /** The same as a JSON object; both loads in full, and the difference in ns; null is what was not measured. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("ended_early", endedEarly());
        hardware.ifPresentOrElse(bare -> root.set("hardware", bare.json()), () -> root.putNull("hardware"));
        root.set("block_layer", blockLayer.json());
        hardware.ifPresentOrElse(bare -> root.set("overhead_ns", overhead(bare)), () -> root.putNull("overhead_ns"));
        return root;
    }

    private ObjectNode overhead(LoadReport bare) {
        ObjectNode overhead = JsonNodeFactory.instance.objectNode();
        overhead.put("latency_mean", difference(bare, result -> result.latency().getMean()));
        overhead.put("latency_p50", difference(bare, result -> Percentile.P50.of(result.latency())));
        overhead.put("per_request", difference(bare, this::nsPerRequest));
        return overhead;
    }
}
