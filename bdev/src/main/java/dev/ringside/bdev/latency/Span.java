package dev.ringside.bdev.latency;

import java.util.Locale;

/** A part of the time that a request takes. Those from {@link #POLL_DELAY} to {@link #COMPLETION} follow each other. */
public enum Span {
    /**
     * How late a queue was looked at: from the last look at its ring, which found nothing more in it, to the one that found
     * the request. The request came somewhere between the two, so that it is the most that it can have waited for the poller.
     */
    POLL_DELAY("the poller was late"),
    /**
     * Waiting to be begun: in the ring, from the last look that left requests there, and then behind the others of its batch.
     */
    RING("requests waited for their turn"),
    /** In the block layer, waiting for room in the device. */
    BLOCK_LAYER("requests waited for room in the device"),
    /** In the device, which may be stacked on others. */
    DEVICE("the disk took its time"),
    /** From the end in the device until the guest could see it, and was signalled if it wants that. */
    COMPLETION("telling the guest took its time"),
    /** All of the time between submission to a bdev and its end: the sum of {@link #BLOCK_LAYER} and {@link #DEVICE}. */
    BDEV("the bdev took its time"),
    /** All of it, as far as it can be seen from here: from the last look before it came to the signal. */
    REQUEST("requests took their time");

    private final String blame;

    Span(String blame) {
        this.blame = blame;
    }

    /** What is the matter where most of the time is spent here. */
    public String blame() {
        return blame;
    }

    /** The name that operators see, such as {@code poll_delay}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
