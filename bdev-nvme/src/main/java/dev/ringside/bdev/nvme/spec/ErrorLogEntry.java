package dev.ringside.bdev.nvme.spec;

import static dev.ringside.bdev.nvme.spec.Fields.u16;
import static dev.ringside.bdev.nvme.spec.Fields.u32;
import static dev.ringside.bdev.nvme.spec.Fields.u64;

import java.lang.foreign.MemorySegment;

/**
 * An error that a controller remembers (base 2.0, 5.16.1.2).
 *
 * @param count how many there have been up to this one; 0: the entry is empty
 * @param queue submission queue of the command; 0xffff, as the next: of no command
 * @param command its identifier
 * @param status its status, without the phase
 * @param lba first block with the error
 * @param nsid its namespace
 */
public record ErrorLogEntry(long count, int queue, int command, int status, long lba, int nsid) {

    /** Bytes of an entry. */
    public static final int SIZE = 64;

    /** Reads the data structure at an offset. */
    public static ErrorLogEntry read(MemorySegment data, long at) {
        return new ErrorLogEntry(
                u64(data, at),
                u16(data, at + 8),
                u16(data, at + 10),
                u16(data, at + 12) >>> 1,
                u64(data, at + 16),
                u32(data, at + 24));
    }
}
