package dev.ringside.bdev.scsi.mpi;

/**
 * SCSI task management request and reply (mpi_init.h, mpi2_init.h). MPI 1 names a device by bus and target, and a command
 * by its context; MPI 2 by a handle, and by the number of its frame (SMID).
 *
 * <pre>
 *   request                                                      reply
 *   0x00 TargetID  0x01 Bus, or DevHandle (16)  0x05 TaskType    0x04 ResponseCode  0x05 TaskType
 *   0x07 MsgFlags  0x0c LUN (8)
 *   0x30 TaskMsgContext (32), or TaskMID (16)                    0x14 TerminationCount (32)
 * </pre>
 */
public final class TaskManagement {
    public static final int TARGET_ID = 0x00;
    public static final int BUS = 0x01;
    public static final int DEV_HANDLE = 0x00;
    public static final int TASK_TYPE = 0x05;
    public static final int LUN = 0x0c;
    public static final int TASK_MSG_CONTEXT = 0x30;
    public static final int TASK_MID = 0x30;
    /** Bytes of a request. */
    public static final int REQUEST_BYTES = 0x34;

    public static final int RESPONSE_CODE = 0x04;
    /** Bytes of a reply. */
    public static final int REPLY_BYTES = 0x18;

    public static final int ABORT_TASK = 0x01;
    public static final int TARGET_RESET = 0x03;
    public static final int LOGICAL_UNIT_RESET = 0x05;

    public static final int RSP_COMPLETE = 0x00;
    public static final int RSP_NOT_SUPPORTED = 0x04;
    public static final int RSP_FAILED = 0x05;
    public static final int RSP_SUCCEEDED = 0x08;
    public static final int RSP_INVALID_LUN = 0x09;

    private TaskManagement() {}
}
