package dev.ringside.vhost.queue;

/**
 * The three parts of a split virtqueue of N entries (virtio 1.2, 2.7).
 *
 * <pre>
 *  descriptor table:  descriptor[N]
 *  available ring:    u16 flags, u16 idx, u16 ring[N], u16 used_event
 *  used ring:         u16 flags, u16 idx, { u32 id, u32 len } ring[N], u16 avail_event
 * </pre>
 */
public final class SplitLayout {
    /** Largest number of entries. */
    public static final int MAX_SIZE = 32_768;

    /** Offset in the available and in the used ring of the 16-bit flags. */
    public static final int FLAGS = 0;
    /** Offset in the available and in the used ring of the 16-bit index. */
    public static final int INDEX = 2;
    /** Offset in the available and in the used ring of its first entry. */
    public static final int RING = 4;
    /** Bytes of an entry of the available ring. */
    public static final int AVAILABLE_ENTRY = 2;
    /** Bytes of an entry of the used ring. */
    public static final int USED_ENTRY = 8;
    /** Offset in an entry of the used ring of the 32-bit length. */
    public static final int USED_LENGTH = 4;

    /** Flag of the available ring: the driver wants no interrupts. */
    public static final int AVAIL_F_NO_INTERRUPT = 1;
    /** Flag of the used ring: the device wants no notifications. */
    public static final int USED_F_NO_NOTIFY = 1;

    /** Alignment of the descriptor table, in bytes. */
    public static final int DESCRIPTOR_ALIGNMENT = 16;
    /** Alignment of the available ring, in bytes. */
    public static final int AVAILABLE_ALIGNMENT = 2;
    /** Alignment of the used ring, in bytes. */
    public static final int USED_ALIGNMENT = 4;

    private SplitLayout() {}

    /** Bytes of the descriptor table of a ring. */
    public static long descriptorBytes(int size) {
        return (long) size * Descriptor.BYTES;
    }

    /** Bytes of the available ring, with the event index behind it. */
    public static long availableBytes(int size) {
        return RING + (long) size * AVAILABLE_ENTRY + 2;
    }

    /** Bytes of the used ring, with the event index behind it. */
    public static long usedBytes(int size) {
        return RING + (long) size * USED_ENTRY + 2;
    }

    /** Offset in the available ring of the driver's {@code used_event}. */
    public static long usedEvent(int size) {
        return RING + (long) size * AVAILABLE_ENTRY;
    }

    /** Offset in the used ring of the device's {@code avail_event}. */
    public static long availEvent(int size) {
        return RING + (long) size * USED_ENTRY;
    }
}
