package dev.ringside.vhost.wire;

/** Payload "vring state description": {@code u32 index, u32 num}. */
public final class VringState {
    /** Offset of the 32-bit ring index. */
    public static final int INDEX = 0;
    /** Offset of the 32-bit number: a size, a base or a switch. */
    public static final int NUM = 4;
    /** Bytes of the payload. */
    public static final int BYTES = 8;

    private VringState() {}
}
