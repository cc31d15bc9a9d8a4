package dev.ringside.benchmarks.load;

/** Which block comes next: numbers from 0 to below a bound. Each queue has another seed, and each run the same. */
final class BlockPicker {
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private final long blocks;
    private long state;
    private long next;

    BlockPicker(int seed, long blocks) {
        this.blocks = blocks;
        this.state = (seed + 1) * 0x5851f42d4c957f2dL;
    }

    /** 64 bits by chance (splitmix64). */
    long draw() {
        state += STEP;
        long mixed = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }

    long random() {
        return Math.unsignedMultiplyHigh(draw(), blocks);
    }

    long sequential() {
        long block = next;
        next = block + 1 == blocks ? 0 : block + 1;
        return block;
    }
}
