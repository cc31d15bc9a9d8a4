package dev.ringside.daemon.web;

import dev.ringside.bdev.latency.Histogram;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes metrics in Prometheus' text exposition format, version 0.0.4: HELP and TYPE once for each name, then its samples. Times
 * are given in ns and written in seconds, Prometheus' unit.
 */
final class MetricsText {
    /** The media type of what is written. */
    static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final double NS = 1e9;
    /** Upper bounds of a histogram's buckets are powers of two in ns: 512 ns ... 8.6 s. */
    private static final int FIRST_POWER = 9;

    private static final int LAST_POWER = 33;

    private final StringBuilder text = new StringBuilder(8192);

    /** The labels of a sample: names and values in turn. */
    static String labels(String... pairs) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            labels.put(pairs[i], pairs[i + 1]);
        }
        StringBuilder text = new StringBuilder();
        labels.forEach((name, value) -> text.append(text.isEmpty() ? "" : ",")
                .append(name)
                .append("=\"")
                .append(escape(value))
                .append('"'));
        return text.toString();
    }

    /** Begins a metric that only grows; its name ends in _total. */
    void counter(String name, String help) {
        begin(name, "counter", help);
    }

    /** Begins a metric that goes up and down. */
    void gauge(String name, String help) {
        begin(name, "gauge", help);
    }

    /** Begins a histogram. */
    void histogram(String name, String help) {
        begin(name, "histogram", help);
    }

    /** A sample of the metric that was begun last, or of a histogram one of its parts. */
    void sample(String name, String labels, long value) {
        name(name, labels).append(value).append('\n');
    }

    /** A sample that is a time. */
    void seconds(String name, String labels, long ns) {
        name(name, labels).append(ns / NS).append('\n');
    }

    /** The samples of a histogram that was begun last. */
    void samples(String name, String labels, Histogram histogram) {
        for (int power = FIRST_POWER; power <= LAST_POWER; power++) {
            long bound = 1L << power;
            String le = "le=\"" + bound / NS + "\"";
            sample(name + "_bucket", labels + "," + le, histogram.below(bound));
        }
        sample(name + "_bucket", labels + ",le=\"+Inf\"", histogram.count());
        seconds(name + "_sum", labels, histogram.sumNs());
        sample(name + "_count", labels, histogram.count());
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private void begin(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private StringBuilder name(String name, String labels) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        return text.append(' ');
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
