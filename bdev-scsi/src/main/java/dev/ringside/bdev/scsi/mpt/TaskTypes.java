package dev.ringside.bdev.scsi.mpt;

import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.TaskManagement;
import java.lang.foreign.MemorySegment;

/** Task management functions as an IOC calls them. */
public final class TaskTypes {
    private TaskTypes() {}

    /** The type of a request. */
    public static int of(ScsiTask.Function function) {
        return switch (function) {
            case ABORT_TASK -> TaskManagement.ABORT_TASK;
            case LUN_RESET -> TaskManagement.LOGICAL_UNIT_RESET;
            case TARGET_RESET -> TaskManagement.TARGET_RESET;
        };
    }

    /**
     * Whether a reply says that a function was performed.
     *
     * @param reply its place in memory
     */
    public static boolean performed(MemorySegment memory, long reply) {
        int status = Fields.u16(memory, reply + Message.IOC_STATUS) & IocStatus.MASK;
        int response = Fields.u8(memory, reply + TaskManagement.RESPONSE_CODE);
        return status == IocStatus.SUCCESS
                && (response == TaskManagement.RSP_COMPLETE || response == TaskManagement.RSP_SUCCEEDED);
    }
}
