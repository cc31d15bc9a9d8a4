package dev.ringside.vhost.wire;

/** Payload "vring address description": where a ring is, in the front end's own addresses. */
public final class VringAddress {
    /** Offset of the 32-bit ring index. */
    public static final int INDEX = 0;
    /** Offset of the 32-bit flags. */
    public static final int FLAGS = 4;
    /** Flag VHOST_VRING_F_LOG: writes to the used ring are logged at {@link #LOG}. */
    public static final int F_LOG = 1;
    /** Offset of the 64-bit address of the descriptor table. */
    public static final int DESCRIPTOR = 8;
    /** Offset of the 64-bit address of the used ring. */
    public static final int USED = 16;
    /** Offset of the 64-bit address of the available ring. */
    public static final int AVAILABLE = 24;
    /** Offset of the 64-bit guest address for logging the used ring. */
    public static final int LOG = 32;
    /** Bytes of the payload. */
    public static final int BYTES = 40;

    private VringAddress() {}
}
