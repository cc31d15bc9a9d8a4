package dev.ringside.bdev.scsi.mptsas.mpi;

/**
 * SCSI I/O request (mpi_init.h); the reply is {@link dev.ringside.bdev.scsi.mpi.ScsiReply}.
 *
 * <pre>
 *   0x00 TargetID   0x01 Bus
 *   0x04 CDBLength  0x05 SenseBufferLength
 *   0x0c LUN (8)    0x14 Control (32)
 *   0x18 CDB (16)   0x28 DataLength (32)
 *   0x2c SenseBufferLowAddr (32)
 *   0x30 SGL
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

    private ScsiIo() {}
}
