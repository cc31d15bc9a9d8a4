package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * IO unit page 1 (mpi2_cnfg.h): how the IOC treats disks of any kind.
 *
 * <pre>
 *   0x04 Flags (32)
 * </pre>
 */
public final class IoUnitPage1 {
    /** Bytes of the page. */
    public static final int BYTES = 0x08;

    public static final int FLAGS = 0x04;

    /** SATA disks are given one command at a time. */
    public static final int FLAGS_NATIVE_COMMAND_Q_DISABLE = 0x100;

    private IoUnitPage1() {}
}
