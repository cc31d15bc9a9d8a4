package dev.ringside.vhost.queue;

/**
 * The region in which requests in flight are tracked, so that a back end that was killed can go on (vhost-user, "Inflight
 * I/O tracking"). One region for each queue; a header, then one state for each descriptor.
 *
 * <pre>
 *  split header                packed header                  split state          packed state
 *   0 features (u64)            0 features (u64)               0 inflight (u8)      0 inflight (u8)
 *   8 version (u16)             8 version (u16)                6 next (u16)         2 next (u16)
 *  10 desc_num (u16)           10 desc_num (u16)               8 counter (u64)      4 last (u16)
 *  12 last_batch_head (u16)    12 free_head (u16)                                   6 num (u16)
 *  14 used_idx (u16)           14 old_free_head (u16)                               8 counter (u64)
 *                              16 used_idx (u16)                                   16 id (u16)
 *                              18 old_used_idx (u16)                               18 flags (u16)
 *                              20 used_wrap_counter (u8)                           20 len (u32)
 *                              21 old_used_wrap_counter (u8)                       24 addr (u64)
 * </pre>
 */
public final class InflightLayout {
    /** The version of both layouts; 0 is a region that nobody has used yet. */
    public static final int VERSION = 1;
    /** What a queue's region is a multiple of, in bytes: a cache line. */
    public static final int ALIGNMENT = 64;

    static final int OFFSET_VERSION = 8;
    static final int OFFSET_DESC_NUM = 10;

    static final int SPLIT_LAST_BATCH_HEAD = 12;
    static final int SPLIT_USED_IDX = 14;
    static final int SPLIT_STATES = 16;
    static final int SPLIT_STATE_BYTES = 16;
    static final int SPLIT_NEXT = 6;

    static final int PACKED_FREE_HEAD = 12;
    static final int PACKED_OLD_FREE_HEAD = 14;
    static final int PACKED_USED_IDX = 16;
    static final int PACKED_OLD_USED_IDX = 18;
    static final int PACKED_USED_WRAP = 20;
    static final int PACKED_OLD_USED_WRAP = 21;
    static final int PACKED_STATES = 32;
    static final int PACKED_STATE_BYTES = 32;
    static final int PACKED_NEXT = 2;
    static final int PACKED_LAST = 4;
    static final int PACKED_NUM = 6;
    static final int PACKED_ID = 16;
    static final int PACKED_FLAGS = 18;
    static final int PACKED_LENGTH = 20;
    static final int PACKED_ADDRESS = 24;

    static final int INFLIGHT = 0;
    static final int COUNTER = 8;

    private InflightLayout() {}

    /** Bytes of the region of one queue of a format and size. */
    public static long bytes(RingFormat format, int size) {
        long bytes = switch (format) {
            case SPLIT -> SPLIT_STATES + (long) size * SPLIT_STATE_BYTES;
            case PACKED -> PACKED_STATES + (long) size * PACKED_STATE_BYTES;
        };
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
