package dev.ringside.bdev.scsi.mpi;

/**
 * The reply to a SCSI I/O request (mpi_init.h, mpi2_init.h).
 *
 * <pre>
 *   0x0c SCSIStatus  0x0d SCSIState  0x14 TransferCount (32)
 *   0x18 SenseCount (32)             0x1c ResponseInfo (32)   0x20 TaskTag (16)
 * </pre>
 */
public final class ScsiReply {
    public static final int SCSI_STATUS = 0x0c;
    public static final int SCSI_STATE = 0x0d;
    public static final int TRANSFER_COUNT = 0x14;
    public static final int SENSE_COUNT = 0x18;
    /** Bytes of a reply. */
    public static final int REPLY_BYTES = 0x24;

    public static final int STATE_AUTOSENSE_VALID = 0x01;
    public static final int STATE_AUTOSENSE_FAILED = 0x02;
    public static final int STATE_NO_SCSI_STATUS = 0x04;
    public static final int STATE_TERMINATED = 0x08;

    private ScsiReply() {}
}
