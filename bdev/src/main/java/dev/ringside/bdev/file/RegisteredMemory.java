package dev.ringside.bdev.file;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.uring.IoUring;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory that a ring has registered (IORING_REGISTER_BUFFERS_UPDATE), so that the kernel need not look up and pin the pages of
 * each transfer. It is registered in pieces, one in each {@link #turn}, since to pin pages takes time, and more where they have
 * to be allocated first. What the kernel does not take is left out: transfers to it name their memory. Owned by the ring's
 * reactor.
 */
final class RegisteredMemory {
    /** What {@link #slot} returns for memory that is not registered. */
    static final int NO_SLOT = -1;

    /** Most pieces; 256 GiB. */
    static final int SLOTS = 4096;

    private static final int PIECE_SHIFT = 26;
    /** Pinned within a few milliseconds; the kernel takes 1 GiB at most. */
    static final long PIECE_BYTES = 1L << PIECE_SHIFT;

    private final IoUring ring;
    private final BitSet free = new BitSet(SLOTS);
    private final List<Area> areas = new ArrayList<>();
    /** The one that was found last. */
    private @Nullable Area last;
    /** Areas of which {@link #turn} has something to do. */
    private int unsettled;

    /** Memory of which the first pieces are registered. */
    private static final class Area {
        final MemorySegment memory;
        final int[] slots;
        int registered;
        /** How many shall be registered. */
        int wanted;

        Area(MemorySegment memory) {
            this.memory = memory;
            this.wanted = (int) ((memory.byteSize() + PIECE_BYTES - 1) >>> PIECE_SHIFT);
            this.slots = new int[wanted];
        }

        // Another mapping may come to lie at the same place, while this one is still being unregistered.
        @SuppressWarnings({"ReferenceEquality", "MemorySegmentReferenceEquality"})
        boolean is(MemorySegment other) {
            return memory == other;
        }
    }

    /** Makes slots in a ring; without any, where the kernel has none for us. */
    RegisteredMemory(IoUring ring) {
        this.ring = ring;
        try {
            ring.registerBuffers(SLOTS);
            free.set(0, SLOTS);
        } catch (LinuxException e) {
            free.clear();
        }
    }

    /** Registers memory in the next turns; it stays until it is removed. */
    void add(MemorySegment memory) {
        areas.add(new Area(memory));
        unsettled++;
    }

    /** Unregisters memory in the next turns; no request uses it any more. Memory that was not added is none. */
    void remove(MemorySegment memory) {
        Area area = find(memory);
        if (area != null) {
            unsettled += area.registered == area.wanted ? 1 : 0;
            area.wanted = 0;
        }
    }

    /** Whether {@link #turn} has nothing to do. */
    boolean settled() {
        return unsettled == 0;
    }

    /** Registers or unregisters one piece, unless all is settled. */
    void turn() {
        for (int i = 0; unsettled > 0 && i < areas.size(); i++) {
            Area area = areas.get(i);
            if (area.registered < area.wanted) {
                registerNext(area);
            } else if (area.wanted < area.registered) {
                unregisterLast(area);
            } else if (area.wanted > 0) {
                continue;
            }
            settle(area);
            return;
        }
    }

    /**
     * Where a transfer's memory is registered; allocates nothing.
     *
     * @param offset in the memory, in bytes
     * @param length in bytes, at least 1
     * @return the slot for {@link IoUring#prepReadFixed}, or {@link #NO_SLOT}
     */
    int slot(MemorySegment memory, long offset, long length) {
        Area area = last;
        if (area == null || !area.is(memory)) {
            area = find(memory);
            if (area == null) {
                return NO_SLOT;
            }
            last = area;
        }
        long piece = offset >>> PIECE_SHIFT;
        boolean inside = piece < area.registered && (offset + length - 1) >>> PIECE_SHIFT == piece;
        return inside ? area.slots[(int) piece] : NO_SLOT;
    }

    private @Nullable Area find(MemorySegment memory) {
        for (int i = 0; i < areas.size(); i++) {
            if (areas.get(i).is(memory)) {
                return areas.get(i);
            }
        }
        return null;
    }

    private void registerNext(Area area) {
        int slot = free.nextSetBit(0);
        if (slot == NO_SLOT) {
            area.wanted = area.registered;
            return;
        }
        long offset = (long) area.registered << PIECE_SHIFT;
        try {
            ring.updateBuffer(
                    slot, area.memory.address() + offset, Math.min(PIECE_BYTES, area.memory.byteSize() - offset));
            free.clear(slot);
            area.slots[area.registered++] = slot;
        } catch (LinuxException e) {
            // No more memory may be locked, or it belongs to a file on a disk.
            area.wanted = area.registered;
        }
    }

    private void unregisterLast(Area area) {
        int slot = area.slots[--area.registered];
        try {
            ring.updateBuffer(slot, 0, 0);
            free.set(slot);
        } catch (LinuxException e) {
            // The slot stays taken, and the kernel keeps the pages until the ring is closed.
            free.clear(slot);
        }
    }

    private void settle(Area area) {
        if (area.registered != area.wanted) {
            return;
        }
        unsettled--;
        if (area.wanted == 0) {
            areas.remove(area);
            if (last == area) {
                last = null;
            }
        }
    }
}
