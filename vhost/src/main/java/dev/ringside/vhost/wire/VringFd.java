package dev.ringside.vhost.wire;

/** Payload of SET_VRING_KICK, CALL and ERR: {@code u64}, the ring index and whether a descriptor comes with it. */
public final class VringFd {
    /** Bits of the ring index. */
    public static final long INDEX_MASK = 0xff;
    /** Flag: there is no descriptor in the ancillary data. */
    public static final long NO_FD = 0x100;

    private VringFd() {}
}
