package dev.ringside.testkit.mpt3sas;

import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpt3sas.mpi.ScsiIo;
import java.lang.foreign.MemorySegment;

/**
 * A request that was posted.
 *
 * @param flags type of its descriptor
 * @param queue that its reply goes to
 * @param smid its number
 * @param frame a copy of its frame
 */
record Mpt3Posted(int flags, int queue, int smid, MemorySegment frame) {

    /** The device that a SCSI I/O request is for. */
    int handle() {
        return Fields.u16(frame, ScsiIo.DEV_HANDLE);
    }

    /** Its logical unit, as SAM has it. */
    long lun() {
        return Long.reverseBytes(Fields.i64(frame, ScsiIo.LUN));
    }
}
