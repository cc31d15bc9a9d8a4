package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SystemRegisters;
import dev.ringside.env.pci.Registers;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The ring of reply frames that the IOC may use. All queues give frames back to it, and none waits for another: one that finds
 * it taken keeps its frames until its next poll.
 */
final class ReplyFreeQueue {
    private final Registers registers;
    private final FrameMemory memory;
    private final int depth;
    private final int replies;
    private final AtomicBoolean taken = new AtomicBoolean();
    /** Where the next frame goes; of the thread that has taken the ring. */
    private int hostIndex;

    ReplyFreeQueue(Registers registers, FrameMemory memory, QueueShape shape) {
        this.registers = registers;
        this.memory = memory;
        this.depth = shape.freeDepth();
        this.replies = shape.replies();
    }

    /** Fills it with all frames, before IOC init, without telling the IOC. No thread has a queue. */
    void fill() {
        for (int i = 0; i < replies; i++) {
            put(i, memory.lowAddress(memory.reply(i)));
        }
        hostIndex = replies;
    }

    /** Tells the IOC how far it is filled. */
    void publish() {
        registers.write32(SystemRegisters.REPLY_FREE_HOST_INDEX, hostIndex);
    }

    /**
     * Gives frames back, if no other thread is about to.
     *
     * @param addresses lower halves of their addresses
     * @return how many were given: all, or none
     */
    int give(int[] addresses, int count) {
        if (count == 0 || !taken.compareAndSet(false, true)) {
            return 0;
        }
        int at = hostIndex;
        for (int i = 0; i < count; i++) {
            put(at, addresses[i]);
            at = at + 1 == depth ? 0 : at + 1;
        }
        hostIndex = at;
        publish();
        taken.set(false);
        return count;
    }

    private void put(int index, int address) {
        Fields.put32(memory.segment(), memory.free() + (long) index * Integer.BYTES, address);
    }
}
