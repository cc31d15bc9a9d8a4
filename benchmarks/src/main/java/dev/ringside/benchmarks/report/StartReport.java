package dev.ringside.benchmarks.report;

import dev.ringside.benchmarks.start.Ramp;
import dev.ringside.benchmarks.start.StartRun;
import dev.ringside.benchmarks.start.StartTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** How a server started, as text and as JSON. */
public record StartReport(StartRun.Result result) {
    private static final double NEARLY_ALL = 0.9;
    private static final int FULL_BAR = 50;

    /** Lines for a terminal. */
    public List<String> lines() {
        StartTimes times = result.times();
        Ramp ramp = result.ramp();
        List<String> lines = new ArrayList<>();
        lines.add(row("vhost-user answers after", millis(times.vhostNs()) + " ms"));
        lines.add(row("RPC answers after", millis(times.rpcNs()) + " ms"));
        lines.add(row("first request after", millis(times.requestNs()) + " ms"));
        lines.add(row("steady", String.format(Locale.ROOT, "%,.0f IOPS", ramp.steady())));
        lines.add(row("90 % of it within", String.format(Locale.ROOT, "%.2f s of load", ramp.secondsTo(NEARLY_ALL))));
        List<Double> shares = ramp.shares();
        for (int i = 0; i < shares.size(); i++) {
            int bar = (int) Math.round(Math.min(shares.get(i), 1.2) * FULL_BAR);
            lines.add(String.format(
                    Locale.ROOT,
                    "%6.2f s %5.0f %% %s",
                    (i + 1) * ramp.intervalSeconds(),
                    shares.get(i) * 100,
                    "\u2588".repeat(bar)));
        }
        return lines;
    }

    private static String row(String name, String value) {
        return String.format(Locale.ROOT, "%-26s%s", name, value);
    }

    private static String millis(long ns) {
        return String.format(Locale.ROOT, "%.0f", ns / 1e6);
    }

    /** The same as a JSON object; times in ms, but for those of the load, in s. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("vhost_ms", result.times().vhostNs() / 1e6);
        root.put("rpc_ms", result.times().rpcNs() / 1e6);
        root.put("request_ms", result.times().requestNs() / 1e6);
        root.put("steady_iops", result.ramp().steady());
        root.put("seconds_to_90_percent", result.ramp().secondsTo(NEARLY_ALL));
        root.put("interval_s", result.ramp().intervalSeconds());
        ArrayNode shares = root.putArray("shares");
        result.ramp().shares().forEach(shares::add);
        return root;
    }
}
