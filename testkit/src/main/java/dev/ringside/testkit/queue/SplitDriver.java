package dev.ringside.testkit.queue;

import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.SplitLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A driver of a split virtqueue that keeps to the rules (virtio 1.2, 2.7). */
public final class SplitDriver extends ChainDriver {
    private static final int MASK16 = 0xffff;

    private final SplitRing ring;
    private final boolean eventIdx;

    /** The driver's own copy of the links, so that nobody else's writes lead it astray. */
    private final int[] next;

    private int freeHead;
    private int added;
    private int published;
    private int lastUsed;

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
        super(ram, ring, options.indirectCapacity);
        this.ring = ring;
        this.eventIdx = options.eventIdx;
        this.next = new int[size];
        Arrays.setAll(next, i -> i + 1);
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
    public int base() {
        return lastUsed;
    }

    @Override
    int nextId() {
        return freeHead;
    }

    @Override
    void put(ChainDraft chain) {
        int first = freeHead;
        int at = first;
        int count = chain.count;
        for (int i = 0; i < count; i++) {
            int following = next[at];
            boolean last = i + 1 == count;
            int flags = chain.flags[i] | (last ? 0 : Descriptor.F_NEXT);
            ring.descriptor(at, chain.address[i], chain.length[i], flags, last ? 0 : following);
            at = following;
        }
        freeHead = at;
        ring.availableEntry(added, first);
        added = (added + 1) & MASK16;
    }

    @Override
    void putEntry(MemorySegment table, long at, ChainDraft chain, int index, int count) {
        boolean last = index + 1 == count;
        int flags = chain.flags[index] | (last ? 0 : Descriptor.F_NEXT);
        SplitRing.descriptor(table, at, chain.address[index], chain.length[index], flags, last ? 0 : index + 1);
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
        return counted(
                eventIdx
                        ? passes(ring.availEvent(), before, after)
                        : (ring.usedFlags() & SplitLayout.USED_F_NO_NOTIFY) == 0);
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
            return NONE;
        }
        int id = ring.usedId(lastUsed);
        int count = returned(id, ring.usedLength(lastUsed));
        lastUsed = (lastUsed + 1) & MASK16;
        int last = id;
        for (int i = 1; i < count; i++) {
            last = next[last];
        }
        next[last] = freeHead;
        freeHead = id;
        return id;
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
