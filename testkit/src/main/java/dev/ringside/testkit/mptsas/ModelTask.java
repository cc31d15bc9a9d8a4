package dev.ringside.testkit.mptsas;

import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.TaskManagement;
import java.lang.foreign.MemorySegment;

/**
 * A task management function, as far as models see it alike.
 *
 * @param type such as {@link TaskManagement#ABORT_TASK}
 * @param lun of the logical unit that it is about, the first byte in the highest bits; a reset of a target is about all of them
 */
public record ModelTask(int type, long lun) {
    /** What a request asks for. */
    public static ModelTask of(MemorySegment request) {
        return new ModelTask(
                Fields.u8(request, TaskManagement.TASK_TYPE),
                Long.reverseBytes(Fields.i64(request, TaskManagement.LUN)));
    }

    /** Whether it is about one command alone. */
    public boolean isAbort() {
        return type == TaskManagement.ABORT_TASK;
    }

    /** Whether it is about commands to a logical unit. */
    public boolean concerns(long commandLun) {
        return type == TaskManagement.TARGET_RESET || lun == commandLun;
    }

    /**
     * Whether it ends what hangs.
     *
     * @param cure the argument of the {@link MptFault.Kind#HANG}
     */
    public boolean ends(int cure) {
        int strength = switch (type) {
            case TaskManagement.ABORT_TASK -> MptFault.ABORT;
            case TaskManagement.LOGICAL_UNIT_RESET -> MptFault.UNIT_RESET;
            case TaskManagement.TARGET_RESET -> MptFault.TARGET_RESET;
            default -> throw new IllegalArgumentException("task type " + type);
        };
        return strength >= cure;
    }

    /**
     * Does to a target what it is about, and has the reply say how that went.
     *
     * @param failed whether something hangs that it is about, and does not end
     */
    public void perform(ModelTarget target, boolean failed, byte[] reply) {
        int response = perform(target);
        Fields.put8(
                MemorySegment.ofArray(reply),
                TaskManagement.RESPONSE_CODE,
                failed ? TaskManagement.RSP_FAILED : response);
    }

    private int perform(ModelTarget target) {
        if (type == TaskManagement.TARGET_RESET) {
            target.reset();
            return TaskManagement.RSP_COMPLETE;
        }
        if (!target.hasUnit(lun)) {
            return TaskManagement.RSP_INVALID_LUN;
        }
        if (!isAbort()) {
            target.resetUnit(lun);
        }
        return TaskManagement.RSP_COMPLETE;
    }
}
