package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.PackedSlotRing;
import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.benchmarks.ring.SplitSlotRing;
import dev.ringside.testkit.queue.GuestRam;

/**
 * A device in this process that ends every request well at once and does nothing else. It runs on the thread that makes the
 * requests, so that what a request takes is the load generator's own cost, and the little that this class adds.
 */
abstract sealed class EchoDevice permits SplitEcho, PackedEcho {

    /** Plays the device of a ring, which wants no kicks. */
    static EchoDevice of(GuestRam ram, SlotRing ring, boolean indirect) {
        return switch (ring.format()) {
            case SPLIT -> new SplitEcho(ram, ((SplitSlotRing) ring).ring(), indirect);
            case PACKED -> new PackedEcho(ram, ((PackedSlotRing) ring).ring(), indirect);
        };
    }

    /** Ends what the driver has shown. */
    abstract void step();
}
