package dev.ringside.benchmarks.load;

import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.bdev.scsi.queue.BareQueue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A share of a queue of a SAS adapter, for a disk behind it. */
final class ScsiHardware implements HardwareQueue {
    /** Commands that the adapter keeps for others. */
    private static final int KEPT = 1;

    private final ScsiBdev disk;
    private final BareQueue queue;
    private final int depth;

    private ScsiHardware(ScsiBdev disk, BareQueue queue, int depth) {
        this.disk = disk;
        this.queue = queue;
        this.depth = depth;
    }

    /**
     * Joins a queue.
     *
     * @param requests how many can be built: those of each slot are as many as its depth apart
     * @throws IllegalArgumentException if the adapter cannot take the load
     */
    static ScsiHardware open(ScsiBdev disk, Workload workload, int requests) throws IOException {
        int most = disk.adapter().queueDepth() - KEPT;
        int bytes = disk.adapter().maxTransferBytes();
        if (workload.depth() > most || workload.blockSize() > bytes) {
            throw new IllegalArgumentException("a queue of the adapter takes " + most + " requests of up to " + bytes
                    + " bytes: --queue-depth and --block-size up to these are allowed");
        }
        return new ScsiHardware(disk, disk.openBare(workload.depth(), requests), workload.depth());
    }

    @Override
    public void describe(int slot, MemorySegment data) {
        queue.describe(slot, data);
    }

    @Override
    public void build(int request, int slot, boolean read, long lba, int blocks) {
        queue.build(request, read, lba, blocks);
    }

    @Override
    public void post(int request) {
        queue.post(request, request % depth);
    }

    @Override
    public void ring() {
        queue.ring();
    }

    @Override
    public int reap() {
        return queue.reap();
    }

    @Override
    public boolean succeeded() {
        return queue.succeeded();
    }

    @Override
    public String failure() {
        return queue.failure();
    }

    @Override
    public void close() throws IOException {
        disk.closeBare(queue);
    }
}
