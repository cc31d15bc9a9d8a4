package dev.ringside.bdev;

import java.util.function.Consumer;

/**
 * A channel that stands between the block layer and a device's own channel while an operator wants it to: it holds, refuses
 * or changes requests on their way. Where there is none, none costs anything. Closing it closes the channel below.
 */
public interface Layer extends IoChannel {

    /**
     * Gives back what it holds, in order, and ends as a layer: the channel below stays open, and nothing more is submitted
     * here. What it has passed on may still end through it.
     *
     * @param again takes a request back, to be submitted again
     */
    void withdraw(Consumer<BdevIo> again);
}
