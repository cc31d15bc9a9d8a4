package dev.ringside.daemon.rpc;

import dev.ringside.bdev.latency.Histogram;
import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import dev.ringside.daemon.insight.Diagnosis;
import dev.ringside.daemon.insight.LoopTimes;
import dev.ringside.env.reactor.LongestLoop;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Latencies as JSON. All times are in ns. */
final class LatencyJson {
    private LatencyJson() {}

    /** The shape of what {@link #spans} writes, for the reference. */
    static final String SPANS = "{poll_delay, ring, qos, block_layer, device, completion, bdev, request}";

    /** What each of them is, for the reference. */
    static final String SPAN = "each {count, mean, p50, p90, p99, p999, max}, in ns; with buckets, also"
            + " buckets[{to, count}]: how many took up to so many ns, and longer than the bucket before, without the empty ones";

    /**
     * All spans.
     *
     * @param buckets whether with their histograms
     */
    static void spans(ObjectNode node, Spans spans, boolean buckets) {
        for (Span span : Span.values()) {
            Histogram histogram = spans.of(span);
            ObjectNode one = node.putObject(span.toString());
            one.put("count", histogram.count());
            one.put("mean", histogram.meanNs());
            one.put("p50", histogram.percentileNs(0.5));
            one.put("p90", histogram.percentileNs(0.9));
            one.put("p99", histogram.percentileNs(0.99));
            one.put("p999", histogram.percentileNs(0.999));
            one.put("max", histogram.maxNs());
            if (buckets) {
                buckets(one.putArray("buckets"), histogram);
            }
        }
    }

    private static void buckets(ArrayNode node, Histogram histogram) {
        for (int i = 0; i < Histogram.BUCKETS; i++) {
            long count = histogram.inBucket(i);
            if (count > 0) {
                ObjectNode bucket = node.addObject();
                bucket.put("to", Histogram.lastOf(i));
                bucket.put("count", count);
            }
        }
    }

    static void diagnosis(ObjectNode node, Diagnosis diagnosis) {
        node.put("cause", diagnosis.cause().toString());
        ObjectNode shares = node.putObject("shares");
        for (Span span : Span.values()) {
            Double share = diagnosis.shares().get(span);
            if (share != null) {
                shares.put(span.toString(), share);
            }
        }
        node.put("sentence", diagnosis.sentence());
    }

    /** In the form of SPDK's: the counters of all buckets, 64 bits each, little-endian, as base64. */
    static void histogram(ObjectNode node, Histogram histogram) {
        ByteBuffer counters =
                ByteBuffer.allocate(Histogram.BUCKETS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < Histogram.BUCKETS; i++) {
            counters.putLong(histogram.inBucket(i));
        }
        node.put("histogram", Base64.getEncoder().encodeToString(counters.array()));
        node.put("granularity", Histogram.GRANULARITY);
        node.put("min_range", 0);
        node.put("max_range", Histogram.LAST_RANGE);
        node.put("tsc_rate", ReactorMethods.TICK_RATE);
    }

    static void loops(ObjectNode node, LoopTimes loops) {
        node.put("name", loops.reactor());
        node.put("stalls", loops.recent().stalls());
        loop(node.putObject("recent"), loops.recent());
        loop(node.putObject("worst"), loops.worst());
    }

    private static void loop(ObjectNode node, LongestLoop loop) {
        node.put("ns", loop.ns());
        ArrayNode ran = node.putArray("ran");
        for (LongestLoop.Part part : loop.ran()) {
            ObjectNode one = ran.addObject();
            one.put("name", part.name());
            one.put("work", part.work());
        }
    }
}
