package dev.ringside.bdev.scsi.mpt3sas.mpi;

/**
 * IEEE scatter/gather elements with addresses of 64 bits (mpi2.h).
 *
 * <pre>
 *   0x00 Address (64)   0x08 Length (32)   0x0e NextChainOffset, of a chain element   0x0f Flags
 * </pre>
 *
 * ChainOffset of a request, and NextChainOffset, count elements from the beginning of the frame, or of the segment that the
 * chain element points at, to the next chain element; 0: there is none.
 */
public final class IeeeSge {
    /** Bytes of one. */
    public static final int BYTES = 16;

    public static final int ADDRESS = 0x00;
    public static final int LENGTH = 0x08;
    public static final int NEXT_CHAIN_OFFSET = 0x0e;
    public static final int FLAGS = 0x0f;

    public static final int FLAGS_SIMPLE = 0x00;
    public static final int FLAGS_CHAIN = 0x80;
    public static final int FLAGS_END_OF_LIST = 0x40;

    private IeeeSge() {}
}
