package dev.ringside.benchmarks.ring;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.RingMemory;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.SplitLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A split virtqueue with slots (virtio 1.2, 2.7). Slot n has descriptors 3n to 3n+2, or with indirect tables descriptor n.
 * What already stands in the ring is not written again, so that its cache lines stay with the device: of a request the
 * device sees new only the header, the available index and, when the slots come back in another order, an entry.
 */
public final class SplitSlotRing extends SlotRing {
    private static final int MASK16 = 0xffff;
    private static final int BUFFERS = SlotChains.BUFFERS;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ORDERED16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final int size;
    private final int mask;
    private final boolean eventIdx;
    private final boolean indirect;
    private final SplitRing ring;
    private final MemorySegment available;
    private final MemorySegment used;
    private final SlotChains chains;

    /** What each entry of the available ring holds. */
    private final short[] entries;

    /** The slot whose chain begins with a descriptor; -1 for one in the middle of a chain. */
    private final int[] slotOf;

    private final boolean[] inFlight;
    private int added;
    private int published;
    private int lastUsed;
    private int seenUsed;

    /**
     * A ring in the first region of guest memory.
     *
     * @param shape of all requests
     * @param slots how many; the ring has at least 256 entries and enough for all slots
     * @param eventIdx whether VIRTIO_F_EVENT_IDX is negotiated
     * @param indirect whether to put each request into a table (VIRTIO_F_INDIRECT_DESC)
     */
    public SplitSlotRing(ChainShape shape, GuestRam ram, int slots, boolean eventIdx, boolean indirect) {
        this.size = entriesFor(slots, indirect);
        this.mask = size - 1;
        this.eventIdx = eventIdx;
        this.indirect = indirect;
        this.ring = new SplitRing(
                ram,
                size,
                ram.allocate(SplitLayout.descriptorBytes(size), PART_ALIGNMENT),
                ram.allocate(SplitLayout.availableBytes(size), PART_ALIGNMENT),
                ram.allocate(SplitLayout.usedBytes(size), PART_ALIGNMENT));
        ring.clear();
        this.available = ram.at(ring.driverArea(), SplitLayout.availableBytes(size));
        this.used = ram.at(ring.deviceArea(), SplitLayout.usedBytes(size));
        long table = ring.descriptorArea();
        this.chains = indirect
                ? SlotChains.tables(shape, ram, slots, RingFormat.SPLIT)
                : SlotChains.inRing(shape, ram.at(table, SplitLayout.descriptorBytes(size)), table, slots);
        this.entries = new short[size];
        this.inFlight = new boolean[slots];
        this.slotOf = new int[size];
        Arrays.fill(slotOf, NONE);
    }

    /** The ring as memory, for what plays the device. */
    public SplitRing ring() {
        return ring;
    }

    @Override
    public RingFormat format() {
        return RingFormat.SPLIT;
    }

    @Override
    RingMemory memory() {
        return ring;
    }

    @Override
    public int base() {
        return lastUsed;
    }

    @Override
    public void describe(int slot, long header, long data, int dataBytes, long answer) {
        chains.describe(slot, header, data, dataBytes, answer);
        slotOf[indirect ? slot : slot * BUFFERS] = slot;
        if (indirect) {
            ring.descriptor(slot, chains.address(slot), SlotChains.BYTES, Descriptor.F_INDIRECT, 0);
        }
    }

    @Override
    public void add(int slot, boolean deviceWrites) {
        chains.turn(slot, deviceWrites);
        inFlight[slot] = true;
        int at = added & mask;
        short head = (short) (indirect ? slot : slot * BUFFERS);
        if (entries[at] != head) {
            entries[at] = head;
            available.set(U16, SplitLayout.RING + (long) at * SplitLayout.AVAILABLE_ENTRY, head);
        }
        added = (added + 1) & MASK16;
    }

    @Override
    public void publishQuietly() {
        ORDERED16.setRelease(available, (long) SplitLayout.INDEX, (short) added);
        published = added;
    }

    @Override
    public boolean publish() {
        int before = published;
        int after = added;
        if (before == after) {
            return false;
        }
        publishQuietly();
        // The device's wish must be read after the index is visible to it (virtio 1.2, 2.7.13.4.1).
        VarHandle.fullFence();
        if (!eventIdx) {
            return (used.get(U16, SplitLayout.FLAGS) & SplitLayout.USED_F_NO_NOTIFY) == 0;
        }
        int event = Short.toUnsignedInt(used.get(U16, SplitLayout.availEvent(size)));
        return ((after - event - 1) & MASK16) < ((after - before) & MASK16);
    }

    @Override
    public boolean hasUsed() {
        if (seenUsed == lastUsed) {
            seenUsed = Short.toUnsignedInt((short) ORDERED16.getAcquire(used, (long) SplitLayout.INDEX));
        }
        return seenUsed != lastUsed;
    }

    @Override
    public int poll() {
        int at = lastUsed;
        if (at == seenUsed && !hasUsed()) {
            return NONE;
        }
        long entry = used.get(U64, SplitLayout.RING + (long) (at & mask) * SplitLayout.USED_ENTRY);
        lastUsed = (at + 1) & MASK16;
        int head = (int) entry;
        int slot = head >= 0 && head < size ? slotOf[head] : NONE;
        if (slot < 0 || !inFlight[slot]) {
            throw notInFlight(head);
        }
        inFlight[slot] = false;
        return slot;
    }

    private IllegalStateException notInFlight(int head) {
        return new IllegalStateException("the device gave back the chain of descriptor "
                + Integer.toUnsignedString(head) + ", which it did not have; used index " + seenUsed);
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
        return hasUsed();
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
