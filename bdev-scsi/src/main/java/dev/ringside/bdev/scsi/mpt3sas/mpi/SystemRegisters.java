package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * System interface registers of an IOC that speaks MPI 2 (mpi2.h), beside those of {@link
 * dev.ringside.bdev.scsi.mpi.Doorbell}.
 *
 * <pre>
 *   0x48 ReplyFreeHostIndex           where the host puts the next free reply frame
 *   0x6c ReplyPostHostIndex           bits 31:24 which queue, 23:0 where the host looks next
 *   0xc0 RequestDescriptorPostLow     0xc4 RequestDescriptorPostHigh, which posts
 *   0xc8 AtomicRequestDescriptorPost  where IOC facts say that it is there
 * </pre>
 */
public final class SystemRegisters {
    public static final int REPLY_FREE_HOST_INDEX = 0x48;
    public static final int REPLY_POST_HOST_INDEX = 0x6c;
    public static final int REQUEST_DESCRIPTOR_POST_LOW = 0xc0;
    public static final int REQUEST_DESCRIPTOR_POST_HIGH = 0xc4;
    public static final int ATOMIC_REQUEST_DESCRIPTOR_POST = 0xc8;

    /** Bytes of the registers that are used. */
    public static final int BYTES = 0x100;

    public static final int RPHI_MSIX_INDEX_SHIFT = 24;
    public static final int REPLY_POST_HOST_INDEX_MASK = 0xff_ffff;
    /** How many queues {@link #REPLY_POST_HOST_INDEX} serves; there are other registers for more. */
    public static final int MOST_REPLY_POST_QUEUES = 8;

    private SystemRegisters() {}
}
