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
 * @param asked how many were asked for; those behind the last one are missing if it was ended early
 */
public record SpeedTable(List<OverheadReport> loads, int asked) {
    /** Checks and copies. */
    public SpeedTable {
        loads = List.copyOf(loads);
        if (loads.isEmpty()) {
            throw new IllegalArgumentException("a table of no loads");
        }
    }

    private boolean endedEarly() {
        return loads.size() < asked || loads.getLast().endedEarly();
    }

    /** Lines for a terminal: a row for each load. */
    public List<String> lines() {
        LoadReport first = loads.getFirst().blockLayer();
        int queues = first.workload().queues();
        List<String> lines = new ArrayList<>();
        lines.add(first.server() + ": " + queues + (queues == 1 ? " queue" : " queues")
                + ", on the bare device and through the block layer; mean latency");
        lines.add("");
        lines.add(row("", "", "", speed("", "", "bare"), speed("", "block", "layer")));
        String speed = speed("MiB/s", "IOPS", "mean, ns");
        lines.add(row("pattern", "bytes", "depth", speed, speed));
        for (OverheadReport load : loads) {
            Workload workload = load.blockLayer().workload();
            lines.add(row(
                    workload.pattern().text(),
                    String.format(Locale.ROOT, "%,d", workload.blockSize()),
                    String.valueOf(workload.depth()),
                    load.hardware().map(SpeedTable::speed).orElseGet(() -> speed("-", "-", "-")),
                    speed(load.blockLayer())));
        }
        if (endedEarly()) {
            int last = loads.size() + (loads.getLast().endedEarly() ? 0 : 1);
            lines.add("");
            lines.add("ended early, in load " + last + " of " + asked);
        }
        return lines;
    }

    private static String row(String pattern, String bytes, String depth, String bare, String layered) {
        return String.format(Locale.ROOT, "%-10s%9s%7s %s %s", pattern, bytes, depth, bare, layered)
                .stripTrailing();
    }

    private static String speed(LoadReport load) {
        LoadResult result = load.result();
        return speed(
                String.format(
                        Locale.ROOT,
                        "%,.1f",
                        result.mibPerSecond(load.workload().blockSize())),
                String.format(Locale.ROOT, "%,.0f", result.iops()),
                String.format(Locale.ROOT, "%,.0f", result.latency().getMean()));
    }

    private static String speed(String rate, String iops, String mean) {
        return String.format(Locale.ROOT, "%11s%11s%11s", rate, iops, mean);
    }

    /** The same as a JSON object; each load in full. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("ended_early", endedEarly());
        ArrayNode array = root.putArray("loads");
        loads.forEach(load -> array.add(load.json()));
        return root;
    }
}
