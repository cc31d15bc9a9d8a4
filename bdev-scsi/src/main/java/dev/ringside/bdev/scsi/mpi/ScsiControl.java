package dev.ringside.bdev.scsi.mpi;

/** The field Control of a SCSI I/O request (mpi_init.h, mpi2_init.h). */
public final class ScsiControl {
    public static final int NO_DATA = 0;
    public static final int WRITE = 0x0100_0000;
    public static final int READ = 0x0200_0000;
    public static final int DIRECTION_MASK = 0x0300_0000;
    /** Task attribute SIMPLE. */
    public static final int SIMPLE_QUEUE = 0;

    private ScsiControl() {}
}
