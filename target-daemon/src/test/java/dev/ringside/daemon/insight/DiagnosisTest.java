package dev.ringside.daemon.insight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
    @Test
    void aSlowDiskIsToldFromALatePoller() {
        Diagnosis slow = Diagnosis.of(spans(10, 900));
        assertThat(slow.cause()).isEqualTo(Span.DEVICE);
        assertThat(slow.shares()).containsEntry(Span.DEVICE, 0.9);
        assertThat(slow.sentence()).startsWith("Mostly the disk took its time: 90 % of the time.");

        Diagnosis late = Diagnosis.of(spans(900, 10));
        assertThat(late.cause()).isEqualTo(Span.POLL_DELAY);
        assertThat(late.sentence()).startsWith("Mostly the poller was late: 90 % of the time.");
    }

    @Test
    void nothingIsSaidOfNothing() {
        assertThat(Diagnosis.of(new Spans()).sentence()).isEqualTo("No request of a guest has been timed yet.");
    }

    /** Of one request of a millisecond; times in µs, the rest is the telling. */
    private static Spans spans(long pollDelay, long device) {
        Spans spans = new Spans();
        record(spans, Span.POLL_DELAY, pollDelay);
        record(spans, Span.DEVICE, device);
        record(spans, Span.COMPLETION, 1000 - pollDelay - device);
        record(spans, Span.REQUEST, 1000);
        return spans;
    }

    private static void record(Spans spans, Span span, long micros) {
        spans.record(span, TimeUnit.MICROSECONDS.toNanos(micros));
    }
}
