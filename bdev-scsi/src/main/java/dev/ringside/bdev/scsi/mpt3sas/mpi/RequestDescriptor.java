package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * What is posted for a request (mpi2.h). An atomic descriptor is the lower half alone.
 *
 * <pre>
 *   63:48 DevHandle, of SCSI IO   47:32 LMID   31:16 SMID   15:8 MSIxIndex   7:0 RequestFlags
 * </pre>
 */
public final class RequestDescriptor {
    public static final int FLAGS_TYPE_MASK = 0x1e;
    public static final int FLAGS_SCSI_IO = 0x00;
    public static final int FLAGS_HIGH_PRIORITY = 0x06;
    public static final int FLAGS_DEFAULT_TYPE = 0x08;

    public static final int MSIX_INDEX_SHIFT = 8;
    public static final int SMID_SHIFT = 16;
    /** In the upper half. */
    public static final int DEV_HANDLE_SHIFT = 16;

    private RequestDescriptor() {}
}
