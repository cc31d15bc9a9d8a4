package dev.ringside.vhost.wire;

/**
 * Payloads that describe guest memory.
 *
 * <pre>
 *  SET_MEM_TABLE:               u32 nregions, u32 padding, region[nregions]
 *  ADD_MEM_REG, REM_MEM_REG:    u64 padding, region
 *  region:                      u64 guest address, u64 size, u64 user address, u64 mmap offset
 * </pre>
 */
public final class MemoryTable {
    /** Offset in SET_MEM_TABLE of the 32-bit number of regions. */
    public static final int COUNT = 0;
    /** Offset of the first region, in each of the payloads. */
    public static final int REGIONS = 8;
    /** Most regions in one SET_MEM_TABLE. */
    public static final int MAX_REGIONS = 8;

    /** Offset in a region of the 64-bit guest-physical address. */
    public static final int GUEST_ADDRESS = 0;
    /** Offset in a region of the 64-bit size in bytes. */
    public static final int MEMORY_SIZE = 8;
    /** Offset in a region of the 64-bit address in the front end. */
    public static final int USER_ADDRESS = 16;
    /** Offset in a region of the 64-bit offset in the descriptor's file. */
    public static final int MMAP_OFFSET = 24;
    /** Bytes of a region. */
    public static final int REGION_BYTES = 32;

    private MemoryTable() {}
}
