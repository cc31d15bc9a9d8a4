package dev.ringside.daemon.insight;

import dev.ringside.bdev.latency.Histogram;
import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where most of the time of requests goes.
 *
 * @param cause the span that takes most of the time; the whole if nothing was measured
 * @param shares of the time of all requests, from 0 to 1, for each part of the way
 * @param sentence what to tell an operator
 */
public record Diagnosis(Span cause, Map<Span, Double> shares, String sentence) {
    /** The spans that follow each other and make up a guest's request. */
    static final List<Span> PARTS = List.of(Span.POLL_DELAY, Span.RING, Span.BLOCK_LAYER, Span.DEVICE, Span.COMPLETION);

    /** Makes the map unmodifiable. */
    public Diagnosis {
        shares = Map.copyOf(shares);
    }

    /** Looks at what was measured. */
    public static Diagnosis of(Spans spans) {
        Map<Span, Double> shares = new EnumMap<>(Span.class);
        long total = PARTS.stream().mapToLong(part -> spans.of(part).sumNs()).sum();
        if (spans.of(Span.REQUEST).count() == 0 || total == 0) {
            return new Diagnosis(Span.REQUEST, shares, "No request of a guest has been timed yet.");
        }
        Span cause = Span.DEVICE;
        for (Span part : PARTS) {
            shares.put(part, (double) spans.of(part).sumNs() / total);
            if (spans.of(part).sumNs() > spans.of(cause).sumNs()) {
                cause = part;
            }
        }
        return new Diagnosis(cause, shares, sentence(spans, cause, shares.getOrDefault(cause, 0.0)));
    }

    private static String sentence(Spans spans, Span cause, double share) {
        Histogram device = spans.of(Span.DEVICE);
        Histogram late = spans.of(Span.POLL_DELAY);
        return String.format(
                Locale.ROOT,
                "Mostly %s: %.0f %% of the time; at the 99th percentile a request took %s, of which the disk at most %s,"
                        + " and the poller was late by at most %s.",
                cause.blame(),
                share * 100,
                time(spans.of(Span.REQUEST).percentileNs(0.99)),
                time(device.percentileNs(0.99)),
                time(late.percentileNs(0.99)));
    }

    /** A time as people read it. */
    static String time(long ns) {
        if (ns < 1_000) {
            return ns + " ns";
        }
        if (ns < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f us", ns / 1e3);
        }
        return String.format(Locale.ROOT, "%.1f ms", ns / 1e6);
    }
}
