package dev.ringside.vhost.queue;

/**
 * A descriptor of a split ring or of an indirect table (virtio 1.2, 2.7.5).
 *
 * <pre>
 *  +-------------------------------+
 *  |        guest address          |
 *  +---------------+-------+-------+
 *  |    length     | flags | next  |
 *  +---------------+-------+-------+
 *  0               4       6       8
 * </pre>
 */
public final class Descriptor {
    /** Offset of the 64-bit guest-physical address. */
    public static final int ADDRESS = 0;
    /** Offset of the 32-bit length; read as 64 bits, it comes with flags and next. */
    public static final int LENGTH = 8;
    /** Offset of the 16-bit flags. */
    public static final int FLAGS = 12;
    /** Offset of the 16-bit index of the next descriptor. */
    public static final int NEXT = 14;
    /** Bytes of a descriptor. */
    public static final int BYTES = 16;

    /** Flag: the chain goes on at {@link #NEXT}. */
    public static final int F_NEXT = 1;
    /** Flag: the device writes the buffer; otherwise it reads it. */
    public static final int F_WRITE = 2;
    /** Flag: the buffer holds a table of descriptors. */
    public static final int F_INDIRECT = 4;

    private Descriptor() {}
}
