package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.nvme.spec.CommandField;
import dev.ringside.bdev.nvme.spec.Opcode;
import dev.ringside.bdev.nvme.spec.SubmissionEntry;

/** Puts a request as a command of the NVM command set (NVM 1.0, 3.2). */
final class NvmCommand {
    private NvmCommand() {}

    /** Adds the command of a tracker to a queue. */
    static void put(SubmissionQueue queue, Tracker tracker) {
        BdevIo io = tracker.io();
        DataPointer pointer = tracker.pointer;
        int nsid = tracker.channel().nsid;
        int cdw0 = tracker.id << SubmissionEntry.CID_SHIFT | (pointer.sgl ? SubmissionEntry.PSDT_SGL : 0);
        int low = (int) io.lba();
        int high = (int) (io.lba() >>> Integer.SIZE);
        int last = (int) io.blocks() - 1;
        long first = pointer.first;
        long second = pointer.second;
        switch (io.type()) {
            case READ -> queue.put(cdw0 | Opcode.READ, nsid, first, second, low, high, last);
            case WRITE -> queue.put(cdw0 | Opcode.WRITE, nsid, first, second, low, high, last | fua(io));
            case COMPARE -> queue.put(cdw0 | Opcode.COMPARE, nsid, first, second, low, high, last);
            case VERIFY -> queue.put(cdw0 | Opcode.VERIFY, nsid, 0, 0, low, high, last);
            case FLUSH -> queue.put(cdw0 | Opcode.FLUSH, nsid, 0, 0, 0, 0, 0);
            case UNMAP -> {
                int deallocate = CommandField.DSM_DEALLOCATE;
                queue.put(cdw0 | Opcode.DATASET_MANAGEMENT, nsid, first, second, 0, deallocate, 0);
            }
            case WRITE_ZEROES -> {
                int flags = fua(io) | (io.mayUnmap() ? CommandField.DEAC : 0);
                queue.put(cdw0 | Opcode.WRITE_ZEROES, nsid, first, second, low, high, last | flags);
            }
            case COPY -> queue.put(cdw0 | Opcode.COPY, nsid, first, second, low, high, CommandField.COPY_ONE_RANGE);
            case SECURE_ERASE, RESET -> throw new IllegalStateException(io.type() + " is no command");
        }
    }

    private static int fua(BdevIo io) {
        return io.fua() ? CommandField.FUA : 0;
    }
}
