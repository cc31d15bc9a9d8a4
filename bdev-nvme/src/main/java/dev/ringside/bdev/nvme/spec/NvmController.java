package dev.ringside.bdev.nvme.spec;

import static dev.ringside.bdev.nvme.spec.Fields.u32;
import static dev.ringside.bdev.nvme.spec.Fields.u8;

import java.lang.foreign.MemorySegment;

/**
 * Limits of a controller for commands of the NVM command set (NVM 1.0, 4.1.5.4).
 *
 * @param vsl longest Verify, as a power of two of smallest memory pages; 0: not said
 * @param wzsl longest Write Zeroes, as a power of two of smallest memory pages; 0: not said
 * @param dmrsl longest range of Dataset Management, in blocks; 0: not said
 */
public record NvmController(int vsl, int wzsl, long dmrsl) {
    /** Of a controller that says nothing. */
    public static final NvmController NONE = new NvmController(0, 0, 0);

    /** Reads the data structure. */
    public static NvmController read(MemorySegment data) {
        return new NvmController(u8(data, 0), u8(data, 1), Integer.toUnsignedLong(u32(data, 4)));
    }
}
