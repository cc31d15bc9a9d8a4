package dev.ringside.benchmarks.report;

import dev.ringside.benchmarks.load.CoreShare;
import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.LoadSetting;
import dev.ringside.benchmarks.load.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A load and what came of it, as text and as JSON.
 *
 * @param server the socket, or what was loaded instead
 * @param setting how requests got there
 * @param diskBytes capacity of the disk
 */
public record LoadReport(String server, Workload workload, LoadSetting setting, long diskBytes, LoadResult result) {

    /** Whether less than the time that was asked for has been measured. */
    boolean endedEarly() {
        return result.seconds() < workload.timeNs() / 1e9;
    }

    /** Lines for a terminal. */
    public List<String> lines() {
        Histogram latency = result.latency();
        List<String> lines = new ArrayList<>();
        lines.add(server + ": " + title() + ", " + SettingText.of(setting) + conditions());
        lines.add("");
        lines.add(row("IOPS", String.format(Locale.ROOT, "%,.0f", result.iops())));
        lines.add(row("MiB/s", String.format(Locale.ROOT, "%,.1f", result.mibPerSecond(workload.blockSize()))));
        lines.add(row(
                "requests",
                String.format(Locale.ROOT, "%,d in %.2f s", result.requests(), result.seconds())
                        + (endedEarly() ? ", ended early" : "")));
        lines.add(row(
                "ns per request",
                String.format(
                        Locale.ROOT,
                        "%.1f of a queue, %.1f of the client's processors%s",
                        result.nsPerRequest(workload.queues()),
                        perRequest(result.clientCpuSeconds()),
                        serverCost())));
        lines.add(row(
                "CPU seconds",
                String.format(Locale.ROOT, "client %.2f%s", result.clientCpuSeconds(), serverSeconds())));
        lines.add(row("errors", errors()));
        lines.add("");
        lines.add(percentileNames());
        lines.add(percentiles(latency));
        if (result.cores().size() > 1) {
            lines.add("");
            lines.add(percentileNames() + String.format(Locale.ROOT, "%14s", "IOPS") + "  core");
            for (CoreShare share : result.cores()) {
                lines.add(percentiles(share.latency())
                        + String.format(Locale.ROOT, "%,14.0f  %d", share.iops(), share.core()));
            }
        }
        lines.add("");
        lines.addAll(LatencyPicture.draw(latency));
        return lines;
    }

    private static String percentileNames() {
        return String.format(Locale.ROOT, "%10s", "mean")
                + Arrays.stream(Percentile.values())
                        .map(p -> String.format(Locale.ROOT, "%10s", p.text()))
                        .collect(Collectors.joining());
    }

    private static String percentiles(Histogram latency) {
        return String.format(Locale.ROOT, "%10s", Micros.of(latency.getMean()))
                + Arrays.stream(Percentile.values())
                        .map(p -> String.format(Locale.ROOT, "%10s", Micros.of((double) p.of(latency))))
                        .collect(Collectors.joining());
    }

    /** What was asked, in words. */
    String title() {
        String mix = workload.reads() && workload.writes() ? " (" + workload.readPercent() + " % reads)" : "";
        return workload.pattern().text() + mix + ", " + String.format(Locale.ROOT, "%,d", workload.blockSize())
                + " bytes, "
                + workload.queues() + (workload.queues() == 1 ? " queue" : " queues") + " of depth " + workload.depth();
    }

    private String conditions() {
        return (workload.rate() > 0 ? String.format(Locale.ROOT, ", at most %,.0f IOPS", workload.rate()) : "")
                + (workload.verify() ? ", verified" : "");
    }

    private String serverCost() {
        return result.serverCpuSeconds().isPresent()
                ? String.format(
                        Locale.ROOT,
                        ", %.1f of the server's",
                        perRequest(result.serverCpuSeconds().getAsDouble()))
                : "";
    }

    private String serverSeconds() {
        return result.serverCpuSeconds().isPresent()
                ? String.format(
                        Locale.ROOT, ", server %.2f", result.serverCpuSeconds().getAsDouble())
                : "";
    }

    private String errors() {
        String checked =
                workload.verify() ? String.format(Locale.ROOT, ", %,d blocks checked", result.verifiedBlocks()) : "";
        return String.format(Locale.ROOT, "%,d I/O, %,d verify", result.ioErrors(), result.verifyErrors())
                + checked
                + result.firstError().map(first -> "; the first: " + first).orElse("");
    }

    private double perRequest(double seconds) {
        return result.requests() == 0 ? 0 : seconds * 1e9 / result.requests();
    }

    private static String row(String name, String value) {
        return String.format(Locale.ROOT, "%-16s%s", name, value);
    }

    /** The same as a JSON object; latencies in µs. */
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("server", server);
        root.put("disk_bytes", diskBytes);
        root.set("workload", workloadJson());
        root.put("requests", result.requests());
        root.put("seconds", result.seconds());
        root.put("ended_early", endedEarly());
        root.put("iops", result.iops());
        root.put("mib_per_s", result.mibPerSecond(workload.blockSize()));
        root.put("ns_per_request", result.nsPerRequest(workload.queues()));
        ObjectNode latency = root.putObject("latency_us");
        putPercentiles(latency, result.latency());
        ArrayNode picture = latency.putArray("picture");
        LatencyPicture.draw(result.latency()).forEach(picture::add);
        ArrayNode cores = root.putArray("per_core");
        for (CoreShare share : result.cores()) {
            ObjectNode core = cores.addObject();
            core.put("core", share.core());
            core.put("requests", share.requests());
            core.put("iops", share.iops());
            core.put("cpu_seconds", share.cpuSeconds());
            putPercentiles(core.putObject("latency_us"), share.latency());
        }
        ObjectNode cpu = root.putObject("cpu_seconds");
        cpu.put("client", result.clientCpuSeconds());
        result.serverCpuSeconds().ifPresentOrElse(seconds -> cpu.put("server", seconds), () -> cpu.putNull("server"));
        ObjectNode errors = root.putObject("errors");
        errors.put("io", result.ioErrors());
        errors.put("verify", result.verifyErrors());
        errors.put("blocks_checked", result.verifiedBlocks());
        result.firstError().ifPresentOrElse(first -> errors.put("first", first), () -> errors.putNull("first"));
        return root;
    }

    private ObjectNode workloadJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("pattern", workload.pattern().text());
        json.put("read_percent", workload.readPercent());
        json.put("block_size", workload.blockSize());
        json.put("queues", workload.queues());
        json.put("queue_depth", workload.depth());
        json.put("range_bytes", workload.rangeBytes());
        json.put("rate", workload.rate());
        json.put("warm_up_s", workload.warmUpNs() / 1e9);
        json.put("time_s", workload.timeNs() / 1e9);
        json.put("verify", workload.verify());
        json.put("fill", workload.fill());
        SettingText.put(json, setting);
        ArrayNode threads = json.putArray("cores");
        result.cores().forEach(share -> threads.add(share.core()));
        return json;
    }

    private static void putPercentiles(ObjectNode json, Histogram latency) {
        json.put("mean", latency.getMean() / 1e3);
        for (Percentile percentile : Percentile.values()) {
            json.put(percentile.text(), percentile.of(latency) / 1e3);
        }
    }
}
