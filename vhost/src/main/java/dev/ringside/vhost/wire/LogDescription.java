package dev.ringside.vhost.wire;

/** Payload of SET_LOG_BASE with VHOST_USER_PROTOCOL_F_LOG_SHMFD: where the dirty log is in the descriptor's file. */
public final class LogDescription {
    /** Offset of the 64-bit size of the log in bytes. */
    public static final int MMAP_SIZE = 0;
    /** Offset of the 64-bit offset of the log in the file. */
    public static final int MMAP_OFFSET = 8;
    /** Bytes of the payload. */
    public static final int BYTES = 16;

    private LogDescription() {}
}
