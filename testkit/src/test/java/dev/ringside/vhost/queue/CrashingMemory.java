package dev.ringside.vhost.queue;

import java.lang.foreign.MemorySegment;

/** A region of requests in flight whose queue is killed at one of its stores, before or after it. */
final class CrashingMemory extends InflightMemory {
    /** No crash. */
    static final int NEVER = -1;

    private final int crashAt;
    private final boolean before;
    private int stores;

    /** The queue is dead: nothing of it may be used any more. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1;

        Crash() {
            super("crash", null, false, false);
        }
    }

    /**
     * Uses a region.
     *
     * @param crashAt the number of the store, from 0
     * @param before whether that store is not done any more
     */
    CrashingMemory(MemorySegment region, int crashAt, boolean before) {
        super(region);
        this.crashAt = crashAt;
        this.before = before;
    }

    /** How many stores were done, or begun. */
    int stores() {
        return stores;
    }

    @Override
    void store8(long offset, int value) {
        crashBefore();
        super.store8(offset, value);
        crashAfter();
    }

    @Override
    void store16(long offset, int value) {
        crashBefore();
        super.store16(offset, value);
        crashAfter();
    }

    @Override
    void store32(long offset, int value) {
        crashBefore();
        super.store32(offset, value);
        crashAfter();
    }

    @Override
    void store64(long offset, long value) {
        crashBefore();
        super.store64(offset, value);
        crashAfter();
    }

    private void crashBefore() {
        if (before && stores == crashAt) {
            throw new Crash();
        }
    }

    private void crashAfter() {
        if (stores++ == crashAt) {
            throw new Crash();
        }
    }
}
