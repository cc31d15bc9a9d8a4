package dev.ringside.testkit.queue;

import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A driver of a packed virtqueue that keeps to the rules (virtio 1.2, 2.8). */
public final class PackedDriver extends ChainDriver {
    private static final int BOTH = PackedLayout.F_AVAIL | PackedLayout.F_USED;

    private final PackedRing ring;
    private final boolean eventIdx;
    /** Buffer ids that no chain has, linked. */
    private final int[] nextId;

    private int freeId;
    private int nextAvailable;
    private boolean availableWrap;
    private int nextUsed;
    private boolean usedWrap;
    /** First descriptor of what was added and not published, whose flags hold all of it back. */
    private int firstSlot = NONE;

    private int firstFlags;
    private int addedEntries;

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
        this(ram, PackedRing.allocate(ram, options.size), options);
    }

    /** A driver of a ring that lies where the caller wants it. */
    public PackedDriver(GuestRam ram, PackedRing ring, Options options) {
        super(ram, ring, options.indirectCapacity);
        this.ring = ring;
        this.eventIdx = options.eventIdx;
        this.nextId = new int[size];
        // Backwards, so that no device gets along that takes an id for a position.
        Arrays.setAll(nextId, i -> i - 1);
        this.freeId = size - 1;
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
    int nextId() {
        return freeId;
    }

    @Override
    void put(ChainDraft chain) {
        int id = freeId;
        freeId = nextId[id];
        int count = chain.count;
        for (int i = 0; i < count; i++) {
            put(chain.address[i], chain.length[i], id, chain.flags[i] | (i + 1 < count ? Descriptor.F_NEXT : 0));
        }
    }

    @Override
    void putEntry(MemorySegment table, long at, ChainDraft chain, int index, int count) {
        PackedRing.tableEntry(table, at, chain.address[index], chain.length[index], chain.flags[index]);
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
        return counted(ring.kickWanted(eventIdx, nextAvailable, availableWrap, entries));
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
        nextUsed += returned(id, ring.length(nextUsed));
        if (nextUsed >= size) {
            nextUsed -= size;
            usedWrap = !usedWrap;
        }
        nextId[id] = freeId;
        freeId = id;
        return id;
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
