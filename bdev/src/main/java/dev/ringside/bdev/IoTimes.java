package dev.ringside.bdev;

import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import org.jspecify.annotations.Nullable;

/**
 * When a request was where, while its channel is timed; in ns of {@link System#nanoTime}. A user who submits a {@link BdevIo}
 * several times for one request of its own begins once and finds the sums. Owned by the channel's reactor.
 */
public final class IoTimes {
    private @Nullable ChannelTimes channel;
    private long firstNs;
    private long submittedNs;
    private long handedNs;
    private long endedNs;
    private long waitedNs;
    private long inDeviceNs;

    IoTimes() {}

    /** Forgets what was before: a request of the user's begins. */
    public void begin() {
        channel = null;
        waitedNs = 0;
        inDeviceNs = 0;
    }

    /** What is kept of the channel that it was submitted to last; null if it was not since {@link #begin}, or not timed. */
    public @Nullable ChannelTimes channel() {
        return channel;
    }

    /** When it was submitted first. */
    public long firstNs() {
        return firstNs;
    }

    /** When it ended last. */
    public long endedNs() {
        return endedNs;
    }

    /** How long it waited in the block layer, altogether. */
    public long waitedNs() {
        return waitedNs;
    }

    /** How long the device had it, altogether. */
    public long inDeviceNs() {
        return inDeviceNs;
    }

    /** How long the last submission took. */
    long lastNs() {
        return endedNs - submittedNs;
    }

    void submitted(ChannelTimes to) {
        long now = System.nanoTime();
        if (channel == null) {
            firstNs = now;
        }
        channel = to;
        submittedNs = now;
        handedNs = now;
    }

    /** It, or the first part of it, goes to the device; once more if the device had no room. */
    void handed() {
        handedNs = System.nanoTime();
    }

    void ended(ChannelTimes from) {
        if (channel != from) {
            // Submitted before the channel was timed.
            return;
        }
        long now = System.nanoTime();
        endedNs = now;
        waitedNs += handedNs - submittedNs;
        inDeviceNs += now - handedNs;
        Spans spans = from.spans();
        spans.record(Span.BLOCK_LAYER, handedNs - submittedNs);
        spans.record(Span.DEVICE, now - handedNs);
        spans.record(Span.BDEV, now - submittedNs);
    }
}
