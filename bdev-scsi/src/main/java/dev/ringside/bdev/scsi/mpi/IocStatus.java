package dev.ringside.bdev.scsi.mpi;

/** IOCStatus of a reply (mpi.h), without the bit that says that IOCLogInfo is valid. */
public final class IocStatus {
    /** The bits that are the status. */
    public static final int MASK = 0x7fff;

    public static final int SUCCESS = 0x0000;
    public static final int INVALID_FUNCTION = 0x0001;
    public static final int BUSY = 0x0002;
    public static final int INVALID_SGL = 0x0003;
    public static final int INTERNAL_ERROR = 0x0004;
    public static final int INSUFFICIENT_RESOURCES = 0x0006;
    public static final int INVALID_FIELD = 0x0007;
    public static final int INVALID_STATE = 0x0008;
    public static final int CONFIG_INVALID_ACTION = 0x0020;
    public static final int CONFIG_INVALID_TYPE = 0x0021;
    public static final int CONFIG_INVALID_PAGE = 0x0022;
    public static final int SCSI_RECOVERED_ERROR = 0x0040;
    public static final int SCSI_INVALID_BUS = 0x0041;
    public static final int SCSI_INVALID_TARGETID = 0x0042;
    public static final int SCSI_DEVICE_NOT_THERE = 0x0043;
    public static final int SCSI_DATA_OVERRUN = 0x0044;
    public static final int SCSI_DATA_UNDERRUN = 0x0045;
    public static final int SCSI_IO_DATA_ERROR = 0x0046;
    public static final int SCSI_PROTOCOL_ERROR = 0x0047;
    public static final int SCSI_TASK_TERMINATED = 0x0048;
    public static final int SCSI_RESIDUAL_MISMATCH = 0x0049;
    public static final int SCSI_TASK_MGMT_FAILED = 0x004a;
    public static final int SCSI_IOC_TERMINATED = 0x004b;
    public static final int SCSI_EXT_TERMINATED = 0x004c;

    private IocStatus() {}
}
