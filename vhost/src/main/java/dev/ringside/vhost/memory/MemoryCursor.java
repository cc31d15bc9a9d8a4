package dev.ringside.vhost.memory;

import dev.ringside.bdev.ScatterList;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Translates the guest-physical addresses of one queue: the security boundary. Remembers the region it hit last. Owned by
 * the queue's reactor; counts the requests that began with its generation of the map, and holds the map until the last of
 * them has ended and the queue has moved on.
 */
public final class MemoryCursor {
    private final GuestMemory memory;
    private final long[] starts;
    private final long[] sizes;
    private final MemorySegment[] segments;
    private int last;
    private int pins;
    private boolean retired;

    /** Holds a map. */
    public MemoryCursor(GuestMemory memory) {
        this.memory = memory;
        memory.hold();
        List<GuestRegion> sorted = memory.regions().stream()
                .sorted(Comparator.comparingLong(GuestRegion::guestAddress))
                .toList();
        starts = sorted.stream().mapToLong(GuestRegion::guestAddress).toArray();
        sizes = sorted.stream().mapToLong(GuestRegion::size).toArray();
        segments = sorted.stream().map(GuestRegion::segment).toArray(MemorySegment[]::new);
    }

    /**
     * Appends the memory behind a guest-physical range to a list; more than one extent where the range goes on from one
     * region to the next.
     *
     * @param length unsigned 32 bits in a long; nothing is appended for 0
     * @return false if a byte of the range is not guest memory, or the list is full; it may have grown all the same
     */
    public boolean translate(long address, long length, ScatterList list) {
        while (length > 0) {
            int region = find(address);
            if (region < 0) {
                return false;
            }
            long offset = address - starts[region];
            long part = Math.min(length, sizes[region] - offset);
            if (!list.add(segments[region], offset, part)) {
                return false;
            }
            address += part;
            length -= part;
        }
        return true;
    }

    /**
     * The memory behind a guest-physical range that lies in one region.
     *
     * @return the region's segment, whose byte {@link #offset} of the address is the first; null if there is none
     */
    public @Nullable MemorySegment contiguous(long address, long length) {
        int region = find(address);
        if (region < 0 || length > sizes[region] - (address - starts[region])) {
            return null;
        }
        return segments[region];
    }

    /** Offset in its region of the address that was translated last by {@link #contiguous}. */
    public long offset(long address) {
        return address - starts[last];
    }

    /** A request begins with this generation of the map. */
    public void pin() {
        pins++;
    }

    /** A request that began with this generation has ended. */
    public void unpin() {
        if (--pins == 0 && retired) {
            memory.release();
        }
    }

    /** Whether the queue uses another generation by now. */
    public boolean retired() {
        return retired;
    }

    /** The queue uses another generation from now on. */
    public void retire() {
        retired = true;
        if (pins == 0) {
            memory.release();
        }
    }

    /** The queue ends, and all of its requests have. */
    public void close() {
        pins = 0;
        retire();
    }

    private int find(long address) {
        int i = last;
        if (i < starts.length && Long.compareUnsigned(address - starts[i], sizes[i]) < 0) {
            return i;
        }
        return search(address);
    }

    private int search(long address) {
        for (int i = 0; i < starts.length; i++) {
            if (Long.compareUnsigned(address - starts[i], sizes[i]) < 0) {
                last = i;
                return i;
            }
        }
        return -1;
    }
}
