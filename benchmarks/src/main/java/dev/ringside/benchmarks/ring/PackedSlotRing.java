package dev.ringside.benchmarks.ring;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.testkit.queue.RingMemory;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A packed virtqueue with slots (virtio 1.2, 2.8). The buffer id of a request is its slot. Descriptors cannot stay where they
 * are, since the ring goes round: each request writes three, or with indirect tables one, of two 64-bit words each.
 */
public final class PackedSlotRing extends SlotRing {
    private static final int BOTH = PackedLayout.F_AVAIL | PackedLayout.F_USED;

    /** Length, id and flags of a descriptor as one number. */
    private static final int ID_SHIFT = 32;

    private static final int FLAGS_SHIFT = 48;

    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ORDERED64 =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final int size;
    private final boolean eventIdx;
    private final PackedRing ring;
    private final MemorySegment descriptors;
    private final @Nullable SlotChains tables;

    /** Descriptors of a request. */
    private final int each;

    private final int headerBytes;
    private final int answerBytes;
    private final boolean answerBeforeDataIn;
    private final long[] header;
    private final long[] data;
    private final int[] dataBytes;
    private final long[] answer;
    private final boolean[] inFlight;

    private int nextAvailable;
    private boolean availableWrap = true;
    private int nextUsed;
    private boolean usedWrap = true;

    /** Where the second half of the first descriptor that was added belongs, which holds all of them back. */
    private long firstAt;

    private long firstWord;
    private int addedEntries;

    /**
     * A ring in the first region of guest memory.
     *
     * @param shape of all requests
     * @param slots how many; the ring is as large as a split one for as many
     * @param eventIdx whether VIRTIO_F_EVENT_IDX is negotiated
     * @param indirect whether to put each request into a table (VIRTIO_F_INDIRECT_DESC)
     */
    public PackedSlotRing(ChainShape shape, GuestRam ram, int slots, boolean eventIdx, boolean indirect) {
        this.headerBytes = shape.headerBytes();
        this.answerBytes = shape.answerBytes();
        this.answerBeforeDataIn = shape.answerBeforeDataIn();
        this.size = entriesFor(slots, indirect);
        this.eventIdx = eventIdx;
        this.ring = new PackedRing(
                ram,
                size,
                ram.allocate((long) size * Descriptor.BYTES, PART_ALIGNMENT),
                ram.allocate(PackedLayout.EVENT_BYTES, PART_ALIGNMENT),
                ram.allocate(PackedLayout.EVENT_BYTES, PART_ALIGNMENT));
        ring.clear();
        this.descriptors = ram.at(ring.descriptorArea(), (long) size * Descriptor.BYTES);
        this.tables = indirect ? SlotChains.tables(shape, ram, slots, RingFormat.PACKED) : null;
        this.each = indirect ? 1 : SlotChains.BUFFERS;
        this.header = new long[slots];
        this.data = new long[slots];
        this.dataBytes = new int[slots];
        this.answer = new long[slots];
        this.inFlight = new boolean[slots];
    }

    /** The ring as memory, for what plays the device. */
    public PackedRing ring() {
        return ring;
    }

    @Override
    public RingFormat format() {
        return RingFormat.PACKED;
    }

    @Override
    RingMemory memory() {
        return ring;
    }

    @Override
    public int base() {
        int used = offWrap();
        return used | used << 16;
    }

    private int offWrap() {
        return nextUsed | (usedWrap ? PackedLayout.WRAP : 0);
    }

    @Override
    public void describe(int slot, long headerAddress, long dataAddress, int bytes, long answerAddress) {
        header[slot] = headerAddress;
        data[slot] = dataAddress;
        dataBytes[slot] = bytes;
        answer[slot] = answerAddress;
        if (tables != null) {
            tables.describe(slot, headerAddress, dataAddress, bytes, answerAddress);
        }
    }

    @Override
    public void add(int slot, boolean deviceWrites) {
        inFlight[slot] = true;
        SlotChains chains = tables;
        if (chains != null) {
            chains.turn(slot, deviceWrites);
            put(chains.address(slot), SlotChains.BYTES, slot, Descriptor.F_INDIRECT);
            return;
        }
        put(header[slot], headerBytes, slot, Descriptor.F_NEXT);
        if (deviceWrites && answerBeforeDataIn) {
            put(answer[slot], answerBytes, slot, Descriptor.F_NEXT | Descriptor.F_WRITE);
            put(data[slot], dataBytes[slot], slot, Descriptor.F_WRITE);
        } else {
            put(data[slot], dataBytes[slot], slot, Descriptor.F_NEXT | (deviceWrites ? Descriptor.F_WRITE : 0));
            put(answer[slot], answerBytes, slot, Descriptor.F_WRITE);
        }
    }

    private void put(long address, int length, int id, int flags) {
        int at = nextAvailable;
        long offset = (long) at * Descriptor.BYTES;
        long available = flags | (availableWrap ? PackedLayout.F_AVAIL : PackedLayout.F_USED);
        long word = length | (long) id << ID_SHIFT | available << FLAGS_SHIFT;
        descriptors.set(U64, offset, address);
        if (addedEntries == 0) {
            firstAt = offset + PackedLayout.LENGTH;
            firstWord = word;
        } else {
            descriptors.set(U64, offset + PackedLayout.LENGTH, word);
        }
        addedEntries++;
        if (at + 1 == size) {
            nextAvailable = 0;
            availableWrap = !availableWrap;
        } else {
            nextAvailable = at + 1;
        }
    }

    @Override
    public void publishQuietly() {
        if (addedEntries > 0) {
            ORDERED64.setRelease(descriptors, firstAt, firstWord);
            addedEntries = 0;
        }
    }

    @Override
    public boolean publish() {
        int entries = addedEntries;
        if (entries == 0) {
            return false;
        }
        publishQuietly();
        // The device's wish must be read after the descriptors are visible to it (virtio 1.2, 2.8.21.3.1).
        VarHandle.fullFence();
        return ring.kickWanted(eventIdx, nextAvailable, availableWrap, entries);
    }

    private long usedWord() {
        return (long) ORDERED64.getAcquire(descriptors, (long) nextUsed * Descriptor.BYTES + PackedLayout.LENGTH);
    }

    private boolean isUsed(long word) {
        return ((int) (word >>> FLAGS_SHIFT) & BOTH) == (usedWrap ? BOTH : 0);
    }

    @Override
    public boolean hasUsed() {
        return isUsed(usedWord());
    }

    @Override
    public int poll() {
        long word = usedWord();
        if (!isUsed(word)) {
            return NONE;
        }
        int slot = (int) (word >>> ID_SHIFT) & 0xffff;
        if (slot >= inFlight.length || !inFlight[slot]) {
            throw notInFlight(slot);
        }
        inFlight[slot] = false;
        int next = nextUsed + each;
        if (next >= size) {
            next -= size;
            usedWrap = !usedWrap;
        }
        nextUsed = next;
        return slot;
    }

    private IllegalStateException notInFlight(int id) {
        return new IllegalStateException(
                "the device gave back buffer " + id + ", which it did not have; used entry " + nextUsed);
    }

    @Override
    public boolean enableCalls() {
        ring.driverEvent(offWrap(), eventIdx ? PackedLayout.EVENT_DESC : PackedLayout.EVENT_ENABLE);
        // The device reads the wish after it has published; the descriptor must be read after the wish is visible.
        VarHandle.fullFence();
        return hasUsed();
    }

    @Override
    public void disableCalls() {
        ring.driverEventFlags(PackedLayout.EVENT_DISABLE);
    }
}
