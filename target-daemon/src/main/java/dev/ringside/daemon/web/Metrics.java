package dev.ringside.daemon.web;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.BdevStats;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import dev.ringside.daemon.insight.LoopTimes;
import dev.ringside.daemon.insight.Watch;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.daemon.target.Version;
import dev.ringside.env.reactor.ReactorStats;
import dev.ringside.vhost.SessionStatus;
import dev.ringside.vhost.VhostController;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The daemon's metrics; docs/insight.md lists their names, which stay. Any thread. */
final class Metrics {
    private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

    private final Reactors reactors;
    private final Disks disks;
    private final Controllers controllers;
    private final Watch watch;

    Metrics(Reactors reactors, Disks disks, Controllers controllers, Watch watch) {
        this.reactors = reactors;
        this.disks = disks;
        this.controllers = controllers;
        this.watch = watch;
    }

    /** All of them now, in the text format. */
    String text() {
        MetricsText text = new MetricsText();
        text.gauge("ringside_build_info", "Always 1; the label tells the version.");
        text.sample(
                "ringside_build_info",
                MetricsText.labels("version", Version.current().text()),
                1);
        writeReactors(text);
        writeDisks(text);
        writeLatencies(text);
        writeControllers(text);
        return text.toString();
    }

    private void writeReactors(MetricsText text) {
        List<ReactorStats> all = reactors.stats();
        text.counter("ringside_reactor_busy_seconds_total", "Time in turns of the reactor's loop that found work.");
        all.forEach(one -> text.seconds("ringside_reactor_busy_seconds_total", reactor(one.name()), one.busyNs()));
        text.counter("ringside_reactor_idle_seconds_total", "Time in turns that found none, and asleep.");
        all.forEach(one -> text.seconds("ringside_reactor_idle_seconds_total", reactor(one.name()), one.idleNs()));
        text.counter("ringside_reactor_sleeps_total", "How often the reactor slept.");
        all.forEach(one -> text.sample("ringside_reactor_sleeps_total", reactor(one.name()), one.sleeps()));
        List<LoopTimes> loops = watch.loops();
        text.gauge("ringside_reactor_longest_loop_seconds", "Longest turn of the loop in the last second.");
        loops.forEach(one -> text.seconds(
                "ringside_reactor_longest_loop_seconds",
                reactor(one.reactor()),
                one.recent().ns()));
        text.counter("ringside_reactor_stalls_total", "Turns of the loop that took 10 ms or more.");
        loops.forEach(one -> text.sample(
                "ringside_reactor_stalls_total",
                reactor(one.reactor()),
                one.recent().stalls()));
    }

    private void writeDisks(MetricsText text) {
        Map<String, BdevStats> stats = new LinkedHashMap<>();
        for (BdevRegistry.Entry entry : disks.registry().list()) {
            String name = entry.info().name();
            ifThere(name, () -> stats.put(name, disks.registry().stats(name).join()));
        }
        counts(text, stats, "ringside_bdev_operations_total", "Requests that ended well.", BdevStats.Entry::operations);
        counts(text, stats, "ringside_bdev_bytes_total", "Bytes of those requests.", BdevStats.Entry::bytes);
        counts(text, stats, "ringside_bdev_errors_total", "Requests that failed.", BdevStats.Entry::errors);
        String busy = "ringside_bdev_operation_seconds_total";
        text.counter(busy, "Sum of the times that those which ended well took, as coarse as a turn of the reactor.");
        stats.forEach((name, of) -> forTypes(
                type -> text.seconds(busy, labels(name, type), of.of(type).latencyNs())));
    }

    private static void counts(
            MetricsText text,
            Map<String, BdevStats> stats,
            String metric,
            String help,
            ToLongFunction<BdevStats.Entry> count) {
        text.counter(metric, help);
        stats.forEach((name, of) ->
                forTypes(type -> text.sample(metric, labels(name, type), count.applyAsLong(of.of(type)))));
    }

    private void writeLatencies(MetricsText text) {
        String metric = "ringside_bdev_latency_seconds";
        text.histogram(metric, "Where the time of requests went, on disks that are measured.");
        for (BdevRegistry.Entry entry : disks.registry().list()) {
            String name = entry.info().name();
            ifThere(name, () -> {
                if (disks.registry().timing(name).isPresent()) {
                    Spans spans = disks.registry().spans(name).join();
                    for (Span span : Span.values()) {
                        text.samples(metric, MetricsText.labels("bdev", name, "span", span.toString()), spans.of(span));
                    }
                }
            });
        }
    }

    private interface Look {
        void at() throws BdevException;
    }

    /** A disk that has been deleted since it was listed has no samples. */
    private static void ifThere(String bdev, Look look) {
        try {
            look.at();
        } catch (BdevException e) {
            LOG.debug("{} is gone: {}", bdev, e.getMessage());
        }
    }

    private void writeControllers(MetricsText text) {
        List<VhostController> all = controllers.target().controllers();
        Map<String, List<SessionStatus>> sessions = new LinkedHashMap<>();
        all.forEach(one -> sessions.put(one.name(), one.sessions()));
        text.gauge("ringside_vhost_connected", "Front ends that are connected.");
        sessions.forEach((name, of) -> text.sample("ringside_vhost_connected", controller(name), of.size()));
        text.gauge("ringside_vhost_requests_in_flight", "Requests that were taken from the rings and have not ended.");
        sessions.forEach((name, of) -> text.sample(
                "ringside_vhost_requests_in_flight",
                controller(name),
                of.stream().mapToInt(SessionStatus::inFlight).sum()));
        text.counter("ringside_vhost_events_total", "Sessions that began, and what went wrong with front ends.");
        for (VhostController one : all) {
            new TreeMap<>(one.counters())
                    .forEach((kind, count) -> text.sample(
                            "ringside_vhost_events_total",
                            MetricsText.labels("controller", one.name(), "kind", kind),
                            count));
        }
    }

    private interface ForType {
        void write(IoType type);
    }

    private static void forTypes(ForType work) {
        for (IoType type : IoType.values()) {
            work.write(type);
        }
    }

    private static String labels(String bdev, IoType type) {
        return MetricsText.labels("bdev", bdev, "type", type.name().toLowerCase(Locale.ROOT));
    }

    private static String reactor(String name) {
        return MetricsText.labels("reactor", name);
    }

    private static String controller(String name) {
        return MetricsText.labels("controller", name);
    }
}
