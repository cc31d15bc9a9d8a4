package dev.ringside.bdev;

import dev.ringside.env.reactor.Reactor;

/** Makes the layers of one kind of one device. */
public interface Layering {

    /** Where a layer stands among others: the later ones above the earlier ones. */
    enum Place {
        /** Just above the device: faults are like the device's own. */
        FAULTS,
        /** Above it: limits count what a device with faults does. */
        QOS
    }

    /** A layer over a channel; on the reactor. */
    Layer over(IoChannel below, Reactor reactor);
}
