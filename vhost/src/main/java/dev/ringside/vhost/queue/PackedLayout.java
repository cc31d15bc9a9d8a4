package dev.ringside.vhost.queue;

/**
 * The three parts of a packed virtqueue of N entries (virtio 1.2, 2.8).
 *
 * <pre>
 *  descriptor ring:    { u64 address, u32 length, u16 id, u16 flags } [N]
 *  driver area:        u16 off_wrap, u16 flags        the driver's wish for interrupts
 *  device area:        u16 off_wrap, u16 flags        the device's wish for notifications
 * </pre>
 */
public final class PackedLayout {
    /** Largest number of entries; any number from 1 on is allowed. */
    public static final int MAX_SIZE = 32_768;

    /** Offset in a descriptor of the 32-bit length; read as 64 bits, it comes with id and flags. */
    public static final int LENGTH = 8;
    /** Offset in a descriptor of the 16-bit buffer id. */
    public static final int ID = 12;
    /** Offset in a descriptor of the 16-bit flags. */
    public static final int FLAGS = 14;

    /** Flag of a descriptor: equal to the driver's wrap counter when it is available. */
    public static final int F_AVAIL = 1 << 7;
    /** Flag of a descriptor: equal to the device's wrap counter when it is used. */
    public static final int F_USED = 1 << 15;

    /** Offset in an event area of the 16-bit ring offset, with the wrap counter in bit 15. */
    public static final int EVENT_OFF_WRAP = 0;
    /** Offset in an event area of the 16-bit flags. */
    public static final int EVENT_FLAGS = 2;
    /** Bytes of an event area. */
    public static final int EVENT_BYTES = 4;
    /** Bit of the wrap counter, in an event's offset and in a ring base. */
    public static final int WRAP = 1 << 15;

    /** Event flag: every event is wanted. */
    public static final int EVENT_ENABLE = 0;
    /** Event flag: no event is wanted. */
    public static final int EVENT_DISABLE = 1;
    /** Event flag: the event of one descriptor is wanted (VIRTIO_F_EVENT_IDX). */
    public static final int EVENT_DESC = 2;

    /** Alignment of the descriptor ring, in bytes. */
    public static final int RING_ALIGNMENT = 16;
    /** Alignment of an event area, in bytes. */
    public static final int EVENT_ALIGNMENT = 4;

    private PackedLayout() {}
}
