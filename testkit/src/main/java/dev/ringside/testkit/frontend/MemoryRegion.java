package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.Fd;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.vhost.wire.MemoryTable;

/**
 * A region as a message describes it; the numbers may be wrong on purpose.
 *
 * @param fd the file; it stays the caller's
 */
public record MemoryRegion(long guestAddress, long size, long userAddress, long mmapOffset, Fd fd) {

    /** The true description of a region. */
    public static MemoryRegion of(GuestRegion region) {
        GuestRegion.Layout layout = region.layout();
        return new MemoryRegion(
                layout.guestAddress(), layout.bytes(), layout.userAddress(), layout.fileOffset(), region.file());
    }

    void put(Payload payload, int at) {
        payload.u64(at + MemoryTable.GUEST_ADDRESS, guestAddress)
                .u64(at + MemoryTable.MEMORY_SIZE, size)
                .u64(at + MemoryTable.USER_ADDRESS, userAddress)
                .u64(at + MemoryTable.MMAP_OFFSET, mmapOffset);
    }
}
