package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.testkit.frontend.CallWaiter;

/** What a queue's thread does when no request has come back. Allocates nothing. */
public sealed interface IdleWait {

    /** Waits a moment, at most {@code longestNs}; returns whether that may have been long, so that the clock should be looked at. */
    boolean await(SlotRing ring, long longestNs);

    /** Looks again at once, or after some pauses that leave the ring's cache lines to the device. */
    record Spin(int pauses) implements IdleWait {
        @Override
        public boolean await(SlotRing ring, long longestNs) {
            for (int i = 0; i < pauses; i++) {
                Thread.onSpinWait();
            }
            return false;
        }
    }

    /** Sleeps until the device calls. */
    record Sleep(CallWaiter calls) implements IdleWait {
        @Override
        public boolean await(SlotRing ring, long longestNs) {
            if (!ring.enableCalls()) {
                calls.await(longestNs);
            }
            ring.disableCalls();
            return true;
        }
    }

    /** Plays the device on the same thread. */
    record Echo(EchoDevice device) implements IdleWait {
        @Override
        public boolean await(SlotRing ring, long longestNs) {
            device.step();
            return false;
        }
    }
}
