package dev.ringside.bdev.scsi.mpt3sas;

import dev.ringside.bdev.scsi.mpt3sas.mpi.ReplyDescriptor;
import dev.ringside.bdev.scsi.mpt3sas.mpi.SystemRegisters;
import dev.ringside.env.pci.Registers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A ring of descriptors that the IOC writes. It has written one when neither half of it is all ones, which the host puts
 * there. Owned by the thread that has the queue.
 */
final class ReplyPostQueue {
    private static final VarHandle DESCRIPTOR =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final Registers registers;
    private final MemorySegment memory;
    private final int queue;
    private final int depth;
    private int index;

    ReplyPostQueue(Registers registers, FrameMemory memory, QueueShape shape, int queue) {
        this.registers = registers;
        this.depth = shape.postDepth();
        this.memory = memory.segment().asSlice(memory.post(queue), (long) depth * ReplyDescriptor.BYTES);
        this.queue = queue;
    }

    /** Marks all descriptors as not written, before IOC init. */
    void clear() {
        memory.fill((byte) ReplyDescriptor.UNUSED_WORD);
        index = 0;
    }

    /** The next descriptor, which is marked as not written then; {@link ReplyDescriptor#UNUSED}: there is none. */
    long next() {
        long at = (long) index * ReplyDescriptor.BYTES;
        long descriptor = (long) DESCRIPTOR.getAcquire(memory, at);
        if ((int) descriptor == ReplyDescriptor.UNUSED_WORD
                || (int) (descriptor >>> Integer.SIZE) == ReplyDescriptor.UNUSED_WORD) {
            return ReplyDescriptor.UNUSED;
        }
        DESCRIPTOR.set(memory, at, ReplyDescriptor.UNUSED);
        index = index + 1 == depth ? 0 : index + 1;
        return descriptor;
    }

    /** Tells the IOC how far the host has come. */
    void publish() {
        registers.write32(
                SystemRegisters.REPLY_POST_HOST_INDEX, queue << SystemRegisters.RPHI_MSIX_INDEX_SHIFT | index);
    }
}
