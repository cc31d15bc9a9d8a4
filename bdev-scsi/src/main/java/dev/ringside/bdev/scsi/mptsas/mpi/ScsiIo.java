package dev.ringside.bdev.scsi.mptsas.mpi;

/**
 * SCSI I/O request and reply (mpi_init.h).
 *
 * <pre>
 *   request                                      reply
 *   0x00 TargetID   0x01 Bus                     0x00 TargetID   0x01 Bus
 *   0x04 CDBLength  0x05 SenseBufferLength       0x0c SCSIStatus 0x0d SCSIState
 *   0x0c LUN (8)    0x14 Control (32)            0x14 TransferCount (32)
 *   0x18 CDB (16)   0x28 DataLength (32)         0x18 SenseCount (32)
 *   0x2c SenseBufferLowAddr (32)                 0x1c ResponseInfo (32)
 *   0x30 SGL                                     0x20 TaskTag (16)
 * </pre>
 */
public final class ScsiIo {
    public static final int TARGET_ID = 0x00;
    public static final int BUS = 0x01;
    public static final int CDB_LENGTH = 0x04;
    public static final int SENSE_BUFFER_LENGTH = 0x05;
    public static final int LUN = 0x0c;
    public static final int CONTROL = 0x14;
    public static final int CDB = 0x18;
    public static final int DATA_LENGTH = 0x28;
    public static final int SENSE_BUFFER_LOW_ADDR = 0x2c;
    public static final int SGL = 0x30;

    /** The longest CDB. */
    public static final int CDB_BYTES = 16;

    public static final int CONTROL_NO_DATA = 0;
    public static final int CONTROL_WRITE = 0x0100_0000;
    public static final int CONTROL_READ = 0x0200_0000;
    public static final int CONTROL_DIRECTION_MASK = 0x0300_0000;
    /** Task attribute SIMPLE. */
    public static final int CONTROL_SIMPLE_QUEUE = 0;

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

    private ScsiIo() {}
}
