package dev.ringside.benchmarks.report;

import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Several loads of one disk, each on the bare device and through the block layer.
 *
 * @param loads at least one
 */
public record SpeedTable(List<OverheadReport> loads) {
    /** Checks and copies. */
    public SpeedTable {
        loads = List.copyOf(loads);
        if (loads.isEmpty()) {
            throw new IllegalArgumentException("a table of no loads");
        }
    }

    /** Lines for a terminal: a row for each load. */
    public List<String> lines() {
        LoadReport first = loads.getFirst().hardware();
        int queues = first.workload().queues();
        List<String> lines = new ArrayList<>();
        lines.add(first.server() + ": " + queues + (queues == 1 ? " queue" : " queues")
                + ", on the bare device and through the block layer; mean latency");
        lines.add("");
        lines.add(row("", "", "", "", "", "bare", "", "block", "layer"));
        lines.add(row("pattern", "bytes", "depth", "MiB/s", "IOPS", "mean, ns", "MiB/s", "IOPS", "mean, ns"));
        for (OverheadReport load : loads) {
            Workload workload = load.hardware().workload();
            LoadResult bare = load.hardware().result();
            LoadResult layered = load.blockLayer().result();
            lines.add(row(
                    workload.pattern().text(),
                    number("%,d", workload.blockSize()),
                    number("%d", workload.depth()),
                    number("%,.1f", bare.mibPerSecond(workload.blockSize())),
                    number("%,.0f", bare.iops()),
                    number("%,.0f", bare.latency().getMean()),
                    number("%,.1f", layered.mibPerSecond(workload.blockSize())),
                    number("%,.0f", layered.iops()),
                    number("%,.0f", layered.latency().getMean())));
        }
        return lines;
    }

    private static String row(Object... cells) {
        return String.format(Locale.ROOT, "%-10s%9s%7s %11s%11s%11s %11s%11s%11s", cells)
                .stripTrailing();
    }

    private static String number(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }

    /** The same as a JSON object; each load in full. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ArrayNode array = root.putArray("loads");
        loads.forEach(load -> array.add(load.json()));
        return root;
    }
}
