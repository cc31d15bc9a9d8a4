package dev.ringside.vhost.rehearsal;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.SharedMemory;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.Descriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The memory of a rehearsing guest, with requests that never change: of each two one reads and one writes 4 KiB.
 *
 * <pre>
 *  0x0000 descriptors   0x1000 driver area   0x2000 device area   0x3000 headers   0x3800 status   0x4000 tables
 *  0x10000 data
 * </pre>
 */
final class RehearsalMemory implements AutoCloseable {
    static final int REQUESTS = 16;
    /** Descriptors of a request: header, data, status. */
    static final int DESCRIPTORS = 3;

    static final int RING = 0;
    static final int DRIVER = 0x1000;
    static final int DEVICE = 0x2000;
    static final int BYTES = 0x20000;

    private static final int HEADERS = 0x3000;
    private static final int STATUS = 0x3800;
    private static final int TABLES = 0x4000;
    private static final int TABLE_BYTES = DESCRIPTORS * Descriptor.BYTES;
    private static final int DATA = 0x10000;
    private static final int DATA_BYTES = 4096;

    private final SharedMemory memory;
    private final MemorySegment bytes;

    RehearsalMemory() throws LinuxException {
        memory = SharedMemory.create("ringside-rehearsal", BYTES);
        bytes = memory.mapping().segment();
        for (int i = 0; i < REQUESTS; i++) {
            int header = HEADERS + i * BlkLayout.HEADER_BYTES;
            bytes.set(ValueLayout.JAVA_INT, header, writes(i) ? BlkLayout.T_OUT : BlkLayout.T_IN);
            bytes.set(ValueLayout.JAVA_LONG, header + BlkLayout.FIRST_SECTOR, (long) i * DATA_BYTES / 512);
        }
    }

    private static boolean writes(int request) {
        return request % 2 == 0;
    }

    SharedMemory shared() {
        return memory;
    }

    MemorySegment bytes() {
        return bytes;
    }

    /** Guest-physical address of a part of a request. */
    static long address(int request, int part) {
        return switch (part) {
            case 0 -> HEADERS + (long) request * BlkLayout.HEADER_BYTES;
            case 1 -> DATA + (long) request * DATA_BYTES;
            default -> STATUS + (long) request;
        };
    }

    /** Bytes of a part of a request. */
    static int length(int part) {
        return switch (part) {
            case 0 -> BlkLayout.HEADER_BYTES;
            case 1 -> DATA_BYTES;
            default -> 1;
        };
    }

    /** The flag of a part that the device writes. */
    static int direction(int request, int part) {
        return part == 2 || (part == 1 && !writes(request)) ? Descriptor.F_WRITE : 0;
    }

    /** Guest-physical address of a request's indirect table. */
    static long table(int request) {
        return TABLES + (long) request * TABLE_BYTES;
    }

    static int tableBytes() {
        return TABLE_BYTES;
    }

    @Override
    public void close() {
        memory.close();
    }
}
