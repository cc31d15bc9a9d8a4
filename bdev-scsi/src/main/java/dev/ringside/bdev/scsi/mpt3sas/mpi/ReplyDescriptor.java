package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * An entry of a reply descriptor post queue (mpi2.h).
 *
 * <pre>
 *   63:32 ReplyFrameAddress, of an address reply   31:16 SMID   15:8 MSIxIndex   7:0 ReplyFlags
 * </pre>
 */
public final class ReplyDescriptor {
    /** Bytes of one. */
    public static final int BYTES = 8;

    public static final int FLAGS_TYPE_MASK = 0x0f;
    public static final int FLAGS_SCSI_IO_SUCCESS = 0x00;
    public static final int FLAGS_ADDRESS_REPLY = 0x01;
    public static final int SMID_SHIFT = 16;

    /** The SMID of a reply frame that belongs to no request: of an event. */
    public static final int SMID_INVALID = 0;
    /** What the host puts where the IOC has not written yet. */
    public static final long UNUSED = -1;
    /** Either half of it. */
    public static final int UNUSED_WORD = -1;

    private ReplyDescriptor() {}
}
