package dev.ringside.testkit.queue;

import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.SplitLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A driver of a split virtqueue that keeps to the rules (virtio 1.2, 2.7). */
public final class SplitDriver implements DriverQueue {
    private static final int MASK16 = 0xffff;

    private final SplitRing ring;
    private final int size;
    private final boolean eventIdx;
    private final ChainDraft draft;

    /** The driver's own copy of the links, so that nobody else's writes lead it astray. */
    private final int[] next;

    private final boolean[] head;
    private final int[] chainLength;

    private final int indirectCapacity;
    private final long indirectAddress;
    private final MemorySegment indirect;

    private int freeHead;
    private int free;
    private int inFlight;
    private int added;
    private int published;
    private int lastUsed;
    private int usedLength;
    private long kicks;
    private long kicksSpared;

    /**
     * How a driver works.
     *
     * @param size number of entries, a power of two up to 32,768
     * @param eventIdx whether VIRTIO_F_EVENT_IDX is negotiated
     * @param startIndex the available and used index to begin with, 0 to 65,535
     * @param indirectCapacity buffers that an indirect chain can have; 0 for none
     */
    public record Options(int size, boolean eventIdx, int startIndex, int indirectCapacity) {
        /** Index 0, indirect chains up to 128 buffers. */
        public static Options of(int size, boolean eventIdx) {
            return new Options(size, eventIdx, 0, 128);
        }
    }

    /** A driver with a ring of its own in the first region of guest memory. */
    public SplitDriver(GuestRam ram, Options options) {
        this(ram, SplitRing.allocate(ram, options.size), options);
    }

    /** A driver of a ring that lies where the caller wants it. */
    public SplitDriver(GuestRam ram, SplitRing ring, Options options) {
        this.ring = ring;
        this.size = options.size;
        this.eventIdx = options.eventIdx;
        this.draft = new ChainDraft(Math.max(size, options.indirectCapacity));
        this.next = new int[size];
        this.head = new boolean[size];
        this.chainLength = new int[size];
        this.indirectCapacity = options.indirectCapacity;
        long tables = (long) size * indirectCapacity * Descriptor.BYTES;
        this.indirectAddress = ram.allocate(tables, SplitLayout.DESCRIPTOR_ALIGNMENT);
        this.indirect = ram.at(indirectAddress, tables);
        Arrays.setAll(next, i -> i + 1);
        this.free = size;
        this.added = options.startIndex & MASK16;
        this.published = added;
        this.lastUsed = added;
        ring.availableIndex(added);
        ring.usedIndex(added);
        ring.usedEvent(added);
    }

    /** The ring as memory. */
    public SplitRing ring() {
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
        return ring.availableAddress();
    }

    @Override
    public long deviceArea() {
        return ring.usedAddress();
    }

    @Override
    public int base() {
        return lastUsed;
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
            return -1;
        }
        int first = freeHead;
        int at = first;
        for (int i = 0; i < count; i++) {
            int following = next[at];
            int flags = flags(i, count);
            ring.descriptor(at, draft.address[i], draft.length[i], flags, i + 1 < count ? following : 0);
            at = following;
        }
        return taken(first, at, count);
    }

    @Override
    public int addIndirect() {
        int count = draft.count;
        draft.count = 0;
        if (count == 0 || free == 0) {
            return -1;
        }
        if (count > indirectCapacity) {
            throw new IllegalStateException(count + " buffers, an indirect table holds " + indirectCapacity);
        }
        int first = freeHead;
        long table = (long) first * indirectCapacity * Descriptor.BYTES;
        for (int i = 0; i < count; i++) {
            long at = table + (long) i * Descriptor.BYTES;
            int following = i + 1 < count ? i + 1 : 0;
            SplitRing.descriptor(indirect, at, draft.address[i], draft.length[i], flags(i, count), following);
        }
        ring.descriptor(first, indirectAddress + table, count * Descriptor.BYTES, Descriptor.F_INDIRECT, 0);
        return taken(first, next[first], 1);
    }

    private int flags(int i, int count) {
        return (draft.writable[i] ? Descriptor.F_WRITE : 0) | (i + 1 < count ? Descriptor.F_NEXT : 0);
    }

    private int taken(int first, int nowFree, int count) {
        freeHead = nowFree;
        free -= count;
        head[first] = true;
        chainLength[first] = count;
        inFlight++;
        ring.availableEntry(added, first);
        added = (added + 1) & MASK16;
        return first;
    }

    @Override
    public boolean publish() {
        int before = published;
        int after = added;
        if (before == after) {
            return false;
        }
        ring.availableIndex(after);
        published = after;
        // The device's wish must be read after the index is visible to it (virtio 1.2, 2.7.13.4.1).
        VarHandle.fullFence();
        boolean wanted = eventIdx
                ? passes(ring.availEvent(), before, after)
                : (ring.usedFlags() & SplitLayout.USED_F_NO_NOTIFY) == 0;
        if (wanted) {
            kicks++;
        } else {
            kicksSpared++;
        }
        return wanted;
    }

    /** Whether an index that moved has passed the event index (virtio 1.2, 2.7.7). */
    static boolean passes(int event, int before, int after) {
        return ((after - event - 1) & MASK16) < ((after - before) & MASK16);
    }

    @Override
    public boolean hasUsed() {
        return ring.usedIndex() != lastUsed;
    }

    @Override
    public int poll() {
        if (!hasUsed()) {
            return -1;
        }
        int id = ring.usedId(lastUsed);
        usedLength = ring.usedLength(lastUsed);
        lastUsed = (lastUsed + 1) & MASK16;
        if (id < 0 || id >= size || !head[id]) {
            throw new IllegalStateException("the device gave back chain " + Integer.toUnsignedString(id)
                    + ", which it did not have; used index " + ring.usedIndex());
        }
        give(id);
        return id;
    }

    private void give(int id) {
        head[id] = false;
        inFlight--;
        int last = id;
        for (int i = 1; i < chainLength[id]; i++) {
            last = next[last];
        }
        next[last] = freeHead;
        freeHead = id;
        free += chainLength[id];
    }

    @Override
    public int usedLength() {
        return usedLength;
    }

    @Override
    public boolean enableCalls() {
        if (eventIdx) {
            ring.usedEvent(lastUsed);
        } else {
            ring.availableFlags(0);
        }
        // The device reads the wish after it has published; the used index must be read after the wish is visible.
        VarHandle.fullFence();
        return ring.usedIndex() != lastUsed;
    }

    @Override
    public void disableCalls() {
        if (eventIdx) {
            ring.usedEvent((lastUsed - 1) & MASK16);
        } else {
            ring.availableFlags(SplitLayout.AVAIL_F_NO_INTERRUPT);
        }
    }
}
