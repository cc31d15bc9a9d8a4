package dev.ringside.benchmarks.load;

/**
 * What a queue's thread knows of each block of its part of the disk: how often it was written, and whether a request for it
 * is in flight, since of two at once nobody could say what must be read.
 */
final class BlockLedger {
    /** What {@link #next} returns when there is no further block. */
    static final int END = -1;

    private final int[] generation;
    private final boolean[] busy;

    BlockLedger(int blocks) {
        generation = new int[blocks];
        busy = new boolean[blocks];
    }

    /** Takes a block, or the next one behind it with which nothing is going on. */
    int claim(int block) {
        int at = block;
        while (busy[at]) {
            at = at + 1 == busy.length ? 0 : at + 1;
        }
        busy[at] = true;
        return at;
    }

    void release(int block) {
        busy[block] = false;
    }

    /** Counts a write. */
    int written(int block) {
        return ++generation[block];
    }

    /** How often a block was written; 0: what it holds is not known. */
    int generation(int block) {
        return generation[block];
    }

    /** The first block from a given one on that was written; {@link #END} if there is none. */
    int next(int from) {
        for (int block = from; block < generation.length; block++) {
            if (generation[block] != 0) {
                return block;
            }
        }
        return END;
    }
}
