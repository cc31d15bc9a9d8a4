package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * SCSI I/O request of MPI 2.5 and 2.6 (mpi2_init.h); the reply is {@link dev.ringside.bdev.scsi.mpi.ScsiReply}.
 *
 * <pre>
 *   0x00 DevHandle (16)           0x0c SenseBufferLowAddress (32)
 *   0x12 SenseBufferLength        0x14 SGLOffset0 (words)
 *   0x1c DataLength (32)          0x24 IoFlags (16): CDB length
 *   0x34 LUN (8)                  0x3c Control (32)
 *   0x40 CDB (32)                 0x60 SGL
 * </pre>
 */
public final class ScsiIo {
    public static final int DEV_HANDLE = 0x00;
    public static final int SENSE_BUFFER_LOW_ADDRESS = 0x0c;
    public static final int SENSE_BUFFER_LENGTH = 0x12;
    public static final int SGL_OFFSET_0 = 0x14;
    public static final int DATA_LENGTH = 0x1c;
    public static final int IO_FLAGS = 0x24;
    public static final int LUN = 0x34;
    public static final int CONTROL = 0x3c;
    public static final int CDB = 0x40;
    public static final int SGL = 0x60;

    public static final int IO_FLAGS_CDB_LENGTH_MASK = 0x01ff;

    private ScsiIo() {}
}
