package dev.ringside.vhost.memory;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A range of guest memory, mapped. Several generations of a memory map may share it; it is unmapped when the last of them
 * lets go.
 */
public final class GuestRegion {
    private final long guestAddress;
    private final long size;
    private final long userAddress;
    private final SharedFile memory;
    private final MemorySegment segment;
    private final AtomicInteger generations = new AtomicInteger();
    /** Tells that the region is no longer used, once somebody was told that it is. */
    private @Nullable Runnable whenUnused;

    private GuestRegion(long guestAddress, long size, long userAddress, SharedFile memory) {
        this.guestAddress = guestAddress;
        this.size = size;
        this.userAddress = userAddress;
        this.memory = memory;
        this.segment = memory.segment();
    }

    /**
     * Maps a region.
     *
     * @param file stays the caller's
     * @param guestAddress first guest-physical address
     * @param size bytes, at least 1
     * @param userAddress first address in the front end
     * @param mmapOffset where the region begins in the descriptor's file
     * @throws IllegalArgumentException if the numbers overflow
     * @throws LinuxException if it cannot be mapped
     */
    public static GuestRegion map(Fd file, long guestAddress, long size, long userAddress, long mmapOffset)
            throws LinuxException {
        if (size <= 0 || overflows(guestAddress, size) || overflows(userAddress, size) || overflows(mmapOffset, size)) {
            throw new IllegalArgumentException(String.format(
                    "region of 0x%x bytes at guest address 0x%x, user address 0x%x, file offset 0x%x: a size of at least 1"
                            + " and ends below 2^63 are allowed",
                    size, guestAddress, userAddress, mmapOffset));
        }
        return new GuestRegion(guestAddress, size, userAddress, SharedFile.map(file, mmapOffset, size));
    }

    /** First guest-physical address. */
    public long guestAddress() {
        return guestAddress;
    }

    /** Bytes. */
    public long size() {
        return size;
    }

    /** First address in the front end. */
    public long userAddress() {
        return userAddress;
    }

    /** The memory, exactly as long as the region. */
    public MemorySegment segment() {
        return segment;
    }

    /** The file that holds it; stays the region's. */
    public SharedFile file() {
        return memory;
    }

    /** Whether this and another region share a guest-physical address. */
    public boolean overlaps(GuestRegion other) {
        return guestAddress < other.guestAddress + other.size && other.guestAddress < guestAddress + size;
    }

    /** Whether the file behind the region is still as long as the region needs; looks at the file, so it may block. */
    public boolean present() {
        return memory.present();
    }

    private static boolean overflows(long start, long length) {
        return start < 0 || start > Long.MAX_VALUE - length;
    }

    /** Tells somebody of the region, once, before it is used. */
    public synchronized void announce(MemoryListener listener) {
        if (whenUnused == null) {
            whenUnused = listener.mapped(segment);
        }
    }

    /** Unmaps a region that no generation has taken. */
    public synchronized void discard() {
        if (whenUnused != null) {
            whenUnused.run();
        }
        memory.close();
    }

    void join() {
        generations.incrementAndGet();
    }

    /** Unmaps when the last generation has left. */
    void leave() {
        if (generations.decrementAndGet() == 0) {
            discard();
        }
    }
}
