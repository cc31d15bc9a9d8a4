package dev.ringside.bdev.scsi.mptsas.mpi;

/**
 * System interface registers of an I/O controller (IOC) that speaks MPI 1 (mpi.h), beside those of {@link
 * dev.ringside.bdev.scsi.mpi.Doorbell}.
 *
 * <pre>
 *   0x40 RequestFIFO            write: address of a request frame
 *   0x44 ReplyFIFO              read: a reply that was posted; write: address of a free reply frame
 *   0x48 HiPriRequestFIFO       as RequestFIFO, for task management, where IOC facts say that it is there
 * </pre>
 */
public final class SystemRegisters {
    public static final int REQUEST_FIFO = 0x40;
    public static final int REPLY_FIFO = 0x44;
    public static final int HIGH_PRIORITY_REQUEST_FIFO = 0x48;

    /** Bytes of the registers that are used. */
    public static final int BYTES = 0x80;

    /** A reply FIFO entry with this bit is half the address of a reply frame, else the context of a request that is done. */
    public static final int ADDRESS_REPLY = 0x8000_0000;
    /** What the reply FIFO gives when it is empty; also when the IOC is gone. */
    public static final int REPLY_FIFO_EMPTY = -1;

    private SystemRegisters() {}
}
