package dev.ringside.bdev;

import dev.ringside.bdev.latency.Spans;

/** Where the time of a channel's requests goes. Owned by the channel's reactor. */
public final class ChannelTimes {
    private final Spans spans = new Spans();
    private final SlowIos slow;

    ChannelTimes(Timing timing) {
        slow = new SlowIos(timing.slowNs());
    }

    /** The histograms; who takes the requests from a guest adds the spans that the block layer does not see. */
    public Spans spans() {
        return spans;
    }

    /** The slow ones among them. */
    public SlowIos slow() {
        return slow;
    }
}
