package dev.ringside.benchmarks.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Which block comes next in a queue's part of the disk, and whether it is read: as the pattern of the load says. Each queue has
 * another seed, and each run the same.
 */
final class BlockPicker {
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private final long blocks;
    private final boolean random;
    private final boolean mixed;
    /** Reads among 2^31 requests. */
    private final long readShare;

    private long state;
    private long next;

    /**
     * Picks blocks of the workload's size in its range.
     *
     * @param part number of the queue, from 0; it has that part of the range for its own
     */
    BlockPicker(Workload workload, int part) {
        this.blocks = workload.rangeBytes() / workload.queues() / workload.blockSize();
        this.random = workload.pattern().random();
        this.mixed = workload.reads() && workload.writes();
        this.readShare = ((long) workload.readPercent() << 31) / 100;
        this.state = (part + 1) * 0x5851f42d4c957f2dL;
    }

    /** Blocks of the part. */
    long blocks() {
        return blocks;
    }

    /** Whether the next request reads. */
    boolean reads() {
        return mixed ? draw() >>> 33 < readShare : readShare != 0;
    }

    /** The block of the next request, from 0 to below {@link #blocks}. */
    long next() {
        if (random) {
            return Math.unsignedMultiplyHigh(draw(), blocks);
        }
        long block = next;
        next = block + 1 == blocks ? 0 : block + 1;
        return block;
    }

    /** Fills memory, a multiple of 8 bytes, so that nothing can be saved by what it holds. */
    void fill(MemorySegment memory) {
        for (long at = 0; at < memory.byteSize(); at += Long.BYTES) {
            memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, draw());
        }
    }

    /** 64 bits by chance (splitmix64). */
    private long draw() {
        state += STEP;
        long mix = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        mix = (mix ^ mix >>> 27) * 0x94d049bb133111ebL;
        return mix ^ mix >>> 31;
    }
}
