package dev.ringside.bdev.scsi.queue;

import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;

/** The memory of a queue that the adapter reaches, and the commands in it. */
final class QueueMemory {
    /** The largest logical block that a disk may have here. */
    private static final int LARGEST_BLOCK = 65_536;

    private static final int COMMANDS_PER_BUFFER = DmaPool.LARGEST / IoCommand.PARAMETER_BYTES;

    final DmaPool pool;
    final DmaOwner owner;
    final MemorySegment zeroes;
    final IoCommand[] commands;

    QueueMemory(HostQueue queue, QueueShare share, int depth, DmaSpace dma) throws LinuxException {
        this.owner = new DmaOwner("scsi queue of " + queue.reactor().name());
        this.pool = new DmaPool(dma);
        this.commands = new IoCommand[Math.min(depth, COMMANDS_PER_BUFFER)];
        try {
            this.zeroes = pool.allocate(LARGEST_BLOCK, owner).segment();
            DmaBuffer parameters = pool.allocate(commands.length * IoCommand.PARAMETER_BYTES, owner);
            for (int i = 0; i < commands.length; i++) {
                MemorySegment part =
                        parameters.segment().asSlice((long) i * IoCommand.PARAMETER_BYTES, IoCommand.PARAMETER_BYTES);
                commands[i] = new IoCommand(i, queue, share, part);
            }
        } catch (LinuxException e) {
            pool.close();
            throw e;
        }
    }
}
