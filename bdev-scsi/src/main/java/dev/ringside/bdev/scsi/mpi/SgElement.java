package dev.ringside.bdev.scsi.mpi;

/**
 * Scatter/gather elements (mpi.h).
 *
 * <pre>
 *   simple: 31..24 flags  23..0 length                                then an address of 32 or 64 bits
 *   chain:  31..24 flags  23..16 NextChainOffset (words)  15..0 length   then an address of 32 or 64 bits
 * </pre>
 *
 * ChainOffset of a request, and NextChainOffset of a chain element, say where in the frame, or in the segment that the
 * element points at, the next chain element is; 0: there is none.
 */
public final class SgElement {
    /** Bytes of an element with an address of 32 bits. */
    public static final int NARROW_BYTES = 8;
    /** Bytes of an element with an address of 64 bits. */
    public static final int WIDE_BYTES = 12;
    /** Offset of the address. */
    public static final int ADDRESS = 4;

    public static final int LAST_ELEMENT = 0x8000_0000;
    public static final int END_OF_BUFFER = 0x4000_0000;
    public static final int SIMPLE = 0x1000_0000;
    public static final int CHAIN = 0x3000_0000;
    public static final int TYPE_MASK = 0x3000_0000;
    /** Data goes from the host to the IOC. */
    public static final int HOST_TO_IOC = 0x0400_0000;

    public static final int ADDRESS_64 = 0x0200_0000;
    public static final int END_OF_LIST = 0x0100_0000;

    /** The last of all. */
    public static final int LAST = LAST_ELEMENT | END_OF_BUFFER | END_OF_LIST;

    public static final int LENGTH_MASK = 0xff_ffff;
    public static final int CHAIN_LENGTH_MASK = 0xffff;
    public static final int CHAIN_OFFSET_SHIFT = 16;
    public static final int CHAIN_OFFSET_MASK = 0xff_0000;

    private SgElement() {}
}
