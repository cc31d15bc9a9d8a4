package dev.ringside.bdev.fault;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers at random that are the same, in the same order, for the same seed; SplitMix64. Any thread. */
final class FaultRandom {
    private static final long GAMMA = 0x9e37_79b9_7f4a_7c15L;
    private static final double UNIT = 0x1p-53;

    private final AtomicLong state;

    FaultRandom(long seed) {
        this.state = new AtomicLong(seed);
    }

    /** The next number, from 0 to below 1. */
    double unit() {
        long z = state.addAndGet(GAMMA);
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return ((z ^ z >>> 31) >>> 11) * UNIT;
    }
}
