package dev.ringside.bdev.latency;

import java.util.Arrays;

/** A histogram for each {@link Span}. Owned by one thread; {@link #record} allocates nothing. */
public final class Spans {
    private final Histogram[] histograms = new Histogram[Span.values().length];

    /** Makes empty ones. */
    public Spans() {
        Arrays.setAll(histograms, i -> new Histogram());
    }

    /** Counts a time, in ns. */
    public void record(Span span, long ns) {
        histograms[span.ordinal()].record(ns);
    }

    /** The histogram of a span. */
    public Histogram of(Span span) {
        return histograms[span.ordinal()];
    }

    /** Counts what others have counted. */
    public void add(Spans other) {
        for (int i = 0; i < histograms.length; i++) {
            histograms[i].add(other.histograms[i]);
        }
    }
}
