package dev.ringside.vhost.wire;

/** Payload "virtio device config space": {@code u32 offset, u32 size, u32 flags, u8 payload[size]}. */
public final class ConfigSpace {
    /** Offset of the 32-bit offset in the config space. */
    public static final int OFFSET = 0;
    /** Offset of the 32-bit size of the bytes that follow. */
    public static final int SIZE = 4;
    /** Offset of the 32-bit flags. */
    public static final int FLAGS = 8;
    /** Offset of the bytes. */
    public static final int DATA = 12;
    /** Most bytes of config space in one message (VHOST_USER_MAX_CONFIG_SIZE). */
    public static final int MAX_DATA = 256;

    /** Flag of SET_CONFIG: the guest wrote a writable field. */
    public static final int WRITABLE = 0;
    /** Flag of SET_CONFIG: live migration restores the space. */
    public static final int MIGRATION = 1;

    private ConfigSpace() {}
}
