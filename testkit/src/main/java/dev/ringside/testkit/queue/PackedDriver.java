package dev.ringside.testkit.queue;

import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A driver of a packed virtqueue that keeps to the rules (virtio 1.2, 2.8). */
public final class PackedDriver implements DriverQueue {
    private static final int NONE = -1;
    private static final int BOTH = PackedLayout.F_AVAIL | PackedLayout.F_USED;

    private final PackedRing ring;
    private final int size;
    private final boolean eventIdx;
    private final ChainDraft draft;
    /** Buffer ids that no chain has, linked. */
    private final int[] nextId;

    private final int[] chainLength;
    private final int indirectCapacity;
    private final long indirectAddress;
    private final MemorySegment indirect;

    private int freeId;
    private int free;
    private int inFlight;
    private int nextAvailable;
    private boolean availableWrap;
    private int nextUsed;
    private boolean usedWrap;
    /** First descriptor of what was added and not published, whose flags hold all of it back. */
    private int firstSlot = NONE;

    private int firstFlags;
    private int addedEntries;
    private int usedLength;
    private long kicks;
    private long kicksSpared;

    /**
     * How a driver works.
     *
     * @param size number of entries, 1 to 32,768
     * @param eventIdx whether VIRTIO_F_EVENT_IDX is negotiated
     * @param start the entry to begin with, and the wrap counters of both sides in bit 15
     * @param indirectCapacity buffers that an indirect chain can have; 0 for none
     */
    public record Options(int size, boolean eventIdx, int start, int indirectCapacity) {
        /** Entry 0, both wrap counters 1, indirect chains up to 128 buffers. */
        public static Options of(int size, boolean eventIdx) {
            return new Options(size, eventIdx, PackedLayout.WRAP, 128);
        }
    }

    /** A driver with a ring of its own in the first region of guest memory. */
    public PackedDriver(GuestRam ram, Options options) {
        this.ring = PackedRing.allocate(ram, options.size);
        this.size = options.size;
        this.eventIdx = options.eventIdx;
        this.draft = new ChainDraft(Math.max(size, options.indirectCapacity));
        this.nextId = new int[size];
        this.chainLength = new int[size];
        this.indirectCapacity = options.indirectCapacity;
        long tables = (long) size * indirectCapacity * Descriptor.BYTES;
        this.indirectAddress = ram.allocate(tables, Descriptor.BYTES);
        this.indirect = ram.at(indirectAddress, tables);
        // Backwards, so that no device gets along that takes an id for a position.
        Arrays.setAll(nextId, i -> i - 1);
        this.freeId = size - 1;
        this.free = size;
        this.nextAvailable = options.start & PackedLayout.WRAP - 1;
        this.availableWrap = (options.start & PackedLayout.WRAP) != 0;
        this.nextUsed = nextAvailable;
        this.usedWrap = availableWrap;
        for (int slot = 0; slot < size; slot++) {
            // As if every entry had been used once.
            boolean lap = slot < nextUsed == usedWrap;
            ring.flags(slot, lap ? BOTH : 0);
        }
    }

    /** The ring as memory. */
    public PackedRing ring() {
        return ring;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public long descriptorArea() {
        return ring.descriptorAddress();
    }

    @Override
    public long driverArea() {
        return ring.driverAddress();
    }

    @Override
    public long deviceArea() {
        return ring.deviceAddress();
    }

    @Override
    public int base() {
        int used = nextUsed | (usedWrap ? PackedLayout.WRAP : 0);
        return used | used << 16;
    }

    /** The entry of the next descriptor to make available. */
    public int nextAvailable() {
        return nextAvailable;
    }

    /** The flags that make the entry at {@link #nextAvailable} available; not before what was added is published. */
    public int availableFlags() {
        return availableWrap ? PackedLayout.F_AVAIL : PackedLayout.F_USED;
    }

    @Override
    public int free() {
        return free;
    }

    @Override
    public int inFlight() {
        return inFlight;
    }

    @Override
    public long kicks() {
        return kicks;
    }

    @Override
    public long kicksSpared() {
        return kicksSpared;
    }

    @Override
    public void readable(long address, int length) {
        draft.append(address, length, false);
    }

    @Override
    public void writable(long address, int length) {
        draft.append(address, length, true);
    }

    @Override
    public int add() {
        int count = draft.count;
        draft.count = 0;
        if (count == 0 || count > free) {
            return NONE;
        }
        int id = takeId(count);
        for (int i = 0; i < count; i++) {
            int flags = (draft.writable[i] ? Descriptor.F_WRITE : 0) | (i + 1 < count ? Descriptor.F_NEXT : 0);
            put(draft.address[i], draft.length[i], id, flags);
        }
        return id;
    }

    @Override
    public int addIndirect() {
        int count = draft.count;
        draft.count = 0;
        if (count == 0 || free == 0) {
            return NONE;
        }
        if (count > indirectCapacity) {
            throw new IllegalStateException(count + " buffers, an indirect table holds " + indirectCapacity);
        }
        int id = takeId(1);
        long table = (long) id * indirectCapacity * Descriptor.BYTES;
        for (int i = 0; i < count; i++) {
            int flags = draft.writable[i] ? Descriptor.F_WRITE : 0;
            PackedRing.tableEntry(
                    indirect, table + (long) i * Descriptor.BYTES, draft.address[i], draft.length[i], flags);
        }
        put(indirectAddress + table, count * Descriptor.BYTES, id, Descriptor.F_INDIRECT);
        return id;
    }

    private int takeId(int count) {
        int id = freeId;
        freeId = nextId[id];
        chainLength[id] = count;
        free -= count;
        inFlight++;
        return id;
    }

    private void put(long address, int length, int id, int flags) {
        ring.descriptor(nextAvailable, address, length, id);
        int available = flags | availableFlags();
        if (firstSlot == NONE) {
            firstSlot = nextAvailable;
            firstFlags = available;
        } else {
            ring.flags(nextAvailable, available);
        }
        addedEntries++;
        nextAvailable++;
        if (nextAvailable == size) {
            nextAvailable = 0;
            availableWrap = !availableWrap;
        }
    }

    @Override
    public boolean publish() {
        if (firstSlot == NONE) {
            return false;
        }
        int entries = addedEntries;
        ring.flags(firstSlot, firstFlags);
        firstSlot = NONE;
        addedEntries = 0;
        // The device's wish must be read after the descriptors are visible to it (virtio 1.2, 2.8.21.3.1).
        VarHandle.fullFence();
        boolean wanted = ring.kickWanted(eventIdx, nextAvailable, availableWrap, entries);
        if (wanted) {
            kicks++;
        } else {
            kicksSpared++;
        }
        return wanted;
    }

    @Override
    public boolean hasUsed() {
        int flags = ring.flags(nextUsed) & BOTH;
        return flags == (usedWrap ? BOTH : 0);
    }

    @Override
    public int poll() {
        if (!hasUsed()) {
            return NONE;
        }
        int id = ring.id(nextUsed);
        usedLength = ring.length(nextUsed);
        if (id >= size || chainLength[id] == 0) {
            throw new IllegalStateException(
                    "the device gave back chain " + id + ", which it did not have; used entry " + nextUsed);
        }
        nextUsed += chainLength[id];
        if (nextUsed >= size) {
            nextUsed -= size;
            usedWrap = !usedWrap;
        }
        free += chainLength[id];
        chainLength[id] = 0;
        nextId[id] = freeId;
        freeId = id;
        inFlight--;
        return id;
    }

    @Override
    public int usedLength() {
        return usedLength;
    }

    @Override
    public boolean enableCalls() {
        int used = nextUsed | (usedWrap ? PackedLayout.WRAP : 0);
        ring.driverEvent(used, eventIdx ? PackedLayout.EVENT_DESC : PackedLayout.EVENT_ENABLE);
        // The device reads the wish after it has published; the descriptor must be read after the wish is visible.
        VarHandle.fullFence();
        return hasUsed();
    }

    @Override
    public void disableCalls() {
        ring.driverEventFlags(PackedLayout.EVENT_DISABLE);
    }
}
