package dev.ringside.benchmarks.load;

import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.nvme.queue.BareQueuePair;
import dev.ringside.bdev.nvme.spec.StatusCode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A pair of queues of an NVMe controller, for one of its namespaces. */
final class NvmeHardware implements HardwareQueue {
    private final NvmeBdev namespace;
    private final BareQueuePair queues;

    private NvmeHardware(NvmeBdev namespace, BareQueuePair queues) {
        this.namespace = namespace;
        this.queues = queues;
    }

    /**
     * Makes a pair.
     *
     * @param requests how many can be built
     * @throws IllegalArgumentException if the drive cannot take the load
     */
    static NvmeHardware open(NvmeBdev namespace, Workload workload, int requests) throws IOException {
        BareQueuePair queues = namespace.openBare(requests);
        NvmeHardware hardware = new NvmeHardware(namespace, queues);
        if (workload.depth() > queues.slots() || workload.blockSize() > queues.maxTransferBytes()) {
            hardware.close();
            throw new IllegalArgumentException("a queue of the drive takes " + queues.slots() + " requests of up to "
                    + queues.maxTransferBytes() + " bytes: --queue-depth and --block-size up to these are allowed");
        }
        return hardware;
    }

    @Override
    public void describe(int slot, MemorySegment data) {
        queues.describe(slot, data);
    }

    @Override
    public void build(int request, int slot, boolean read, long lba, int blocks) {
        queues.build(request, slot, read, namespace.nsid(), lba, blocks);
    }

    @Override
    public void post(int request) {
        queues.post(request);
    }

    @Override
    public void ring() {
        queues.ring();
    }

    @Override
    public int reap() {
        return queues.reap();
    }

    @Override
    public boolean succeeded() {
        return (queues.status() & StatusCode.CODE_MASK) == StatusCode.SUCCESS;
    }

    @Override
    public String failure() {
        return String.format("NVMe status %04xh", queues.status());
    }

    @Override
    public void close() throws IOException {
        namespace.closeBare(queues);
    }
}
