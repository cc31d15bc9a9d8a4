package dev.ringside.bdev.scsi.mpt;

import dev.ringside.bdev.scsi.host.HostStatus;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.mpi.Fields;
import dev.ringside.bdev.scsi.mpi.IocStatus;
import dev.ringside.bdev.scsi.mpi.Message;
import dev.ringside.bdev.scsi.mpi.ScsiReply;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What a reply to a SCSI I/O request says of its command. */
public final class ScsiIoReply {
    private ScsiIoReply() {}

    /**
     * Ends a command. On the thread that has the queue.
     *
     * @param memory which the reply and the sense buffer are in
     * @param reply place of the reply
     * @param sense place of the command's sense buffer
     */
    public static void end(ScsiCommand command, MemorySegment memory, long reply, long sense) {
        int iocStatus = Fields.u16(memory, reply + Message.IOC_STATUS) & IocStatus.MASK;
        int state = Fields.u8(memory, reply + ScsiReply.SCSI_STATE);
        int scsiStatus = Fields.u8(memory, reply + ScsiReply.SCSI_STATUS);
        long asked = command.data().bytes();
        long moved = Math.min(asked, Integer.toUnsignedLong(Fields.i32(memory, reply + ScsiReply.TRANSFER_COUNT)));
        int senseLength = 0;
        if ((state & ScsiReply.STATE_AUTOSENSE_VALID) != 0) {
            long said = Integer.toUnsignedLong(Fields.i32(memory, reply + ScsiReply.SENSE_COUNT));
            senseLength = (int) Math.min(said, ScsiCommand.SENSE_BYTES);
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, sense, command.sense(), 0, senseLength);
        }
        command.end(hostStatus(iocStatus, state), scsiStatus, moved, senseLength);
    }

    private static int hostStatus(int iocStatus, int state) {
        return switch (iocStatus) {
            case IocStatus.SUCCESS, IocStatus.SCSI_RECOVERED_ERROR, IocStatus.SCSI_DATA_UNDERRUN -> answered(state);
            case IocStatus.BUSY, IocStatus.INSUFFICIENT_RESOURCES -> HostStatus.BUSY;
            case IocStatus.SCSI_INVALID_BUS, IocStatus.SCSI_INVALID_TARGETID, IocStatus.SCSI_DEVICE_NOT_THERE ->
                HostStatus.NO_DEVICE;
            case IocStatus.SCSI_TASK_TERMINATED, IocStatus.SCSI_IOC_TERMINATED, IocStatus.SCSI_EXT_TERMINATED ->
                HostStatus.ABORTED;
            case IocStatus.SCSI_DATA_OVERRUN -> HostStatus.OVERRUN;
            case IocStatus.INVALID_FUNCTION, IocStatus.INVALID_SGL, IocStatus.INVALID_FIELD -> HostStatus.REJECTED;
            default -> HostStatus.TRANSPORT_ERROR;
        };
    }

    /** Whether there is a status of the device behind a status of the IOC that says so. */
    private static int answered(int state) {
        if ((state & ScsiReply.STATE_TERMINATED) != 0) {
            return HostStatus.ABORTED;
        }
        return (state & ScsiReply.STATE_NO_SCSI_STATUS) != 0 ? HostStatus.TRANSPORT_ERROR : HostStatus.DELIVERED;
    }
}
