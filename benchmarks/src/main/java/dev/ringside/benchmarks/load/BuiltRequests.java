package dev.ringside.benchmarks.load;

import java.lang.foreign.MemorySegment;

/**
 * Requests of one queue that were all built before the run: in it they are only posted, those of each slot in turn, and reaped.
 * What they move is not looked at. Belongs to one thread.
 */
final class BuiltRequests extends LoadQueue {
    /** How many are built for a queue: their blocks take a while to repeat, and they fit into a processor's cache. */
    private static final int MOST = 1 << 14;

    private final HardwarePath path;
    private final int blockSize;
    private final int rounds;

    /** Which of its requests each slot makes next. */
    private final int[] round;

    /**
     * Builds them.
     *
     * @param queue that has room for {@link #count}
     * @param data a block of the workload's size for each slot, which the device reaches
     * @param part number of the queue, from 0; it has that part of the disk for its own
     * @param logicalBlock of the device, in bytes
     */
    BuiltRequests(HardwareQueue queue, Workload workload, MemorySegment data, int part, int logicalBlock) {
        this(new HardwarePath(queue), workload);
        BlockPicker picker = new BlockPicker(workload, part);
        picker.fill(data);
        for (int slot = 0; slot < depth(); slot++) {
            queue.describe(slot, data.asSlice((long) slot * blockSize, blockSize));
        }
        int blocks = blockSize / logicalBlock;
        long first = part * picker.blocks();
        for (int request = 0; request < count(workload); request++) {
            boolean read = picker.reads();
            queue.build(request, request % depth(), read, (first + picker.next()) * blocks, blocks);
        }
    }

    private BuiltRequests(HardwarePath path, Workload workload) {
        super(path, workload.depth());
        this.path = path;
        this.blockSize = workload.blockSize();
        this.rounds = rounds(workload);
        this.round = new int[workload.depth()];
    }

    /** How many requests are built for a queue. */
    static int count(Workload workload) {
        return rounds(workload) * workload.depth();
    }

    private static int rounds(Workload workload) {
        return Math.max(1, MOST / workload.depth());
    }

    @Override
    void start(int slot) {
        int now = round[slot];
        round[slot] = now + 1 == rounds ? 0 : now + 1;
        path.post(now * depth() + slot);
    }

    @Override
    void finish(int slot) {
        if (!path.succeeded(slot)) {
            findings().ioError();
            if (findings().wantsCase()) {
                findings().tell("a request of " + blockSize + " bytes: " + path.failure(slot));
            }
        }
    }

    @Override
    void start(int slot, long block, boolean read) {
        throw new IllegalStateException("all requests are built");
    }

    @Override
    long next(long from, boolean read) {
        return BlockLedger.END;
    }
}
