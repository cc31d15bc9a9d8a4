package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * SAS I/O unit control request (mpi2_sas.h).
 *
 * <pre>
 *   0x00 Operation   0x04 DevHandle (16)
 * </pre>
 */
public final class SasIoUnitControl {
    public static final int FUNCTION = 0x1b;

    public static final int OPERATION = 0x00;
    public static final int DEV_HANDLE = 0x04;

    /** The host has nothing to do with the device any more: the IOC may use its handle again. */
    public static final int OP_REMOVE_DEVICE = 0x0d;

    private SasIoUnitControl() {}
}
