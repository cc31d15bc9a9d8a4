package dev.ringside.testkit.fuzz;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.queue.InflightLayout;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.SplitLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Regions of requests in flight, and rings to go with them, as a back end leaves them that is killed: requests that it had
 * taken, and perhaps a batch that it was giving back. The offsets are the specification's (vhost-user, "Inflight I/O
 * tracking"), written down here once more.
 */
final class InflightCraft {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final int VERSION = 8;
    private static final int DESC_NUM = 10;
    private static final int COUNTER = 8;

    private final MemorySegment region;
    private final Dice dice;
    private final int size;

    /**
     * Writes into the region of one ring.
     *
     * @param region zeroed
     */
    InflightCraft(MemorySegment region, Dice dice, int size) {
        this.region = region;
        this.dice = dice;
        this.size = size;
    }

    /** Fills the region with anything, behind a header that mostly says that it is in use. */
    void garbage() {
        byte[] bytes = dice.bytes((int) region.byteSize());
        boolean small = dice.coin();
        for (int i = 0; small && i < bytes.length; i++) {
            // Numbers that are in range more often than not.
            bytes[i] = i % 2 == 1 ? 0 : (byte) (bytes[i] % Math.max(1, Math.min(size, 127)));
        }
        MemorySegment.copy(bytes, 0, region, ValueLayout.JAVA_BYTE, 0, bytes.length);
        if (!dice.oneIn(6)) {
            put(VERSION, InflightLayout.VERSION);
            put(DESC_NUM, size);
        }
    }

    /** Writes something small somewhere. */
    void scribble() {
        boolean header = dice.coin();
        int at = dice.below(header ? 16 : (int) region.byteSize() / 2) * 2;
        region.set(U16, at, (short) (dice.coin() ? dice.below(size + 2) : dice.pick(0, 1, 0xffff, 0x8000)));
    }

    /** Leaves requests in flight. */
    void craft(AttackRing ring) {
        ring.reset();
        switch (ring) {
            case SplitAttack split -> craftSplit(split);
            case PackedAttack packed -> craftPacked(packed);
        }
        put(VERSION, dice.bent16(InflightLayout.VERSION));
        put(DESC_NUM, dice.bent16(size));
    }

    private static Buffers request(AttackRing ring) {
        return ring.requests.next(Math.max(2, Math.min(ring.free(), 8)));
    }

    private void craftSplit(SplitAttack ring) {
        SplitRing memory = ring.split();
        int base = memory.usedIndex();
        int batch = dice.below(4);
        int wanted = batch + dice.below(Math.max(1, size / 2));
        int[] heads = new int[wanted];
        int count = 0;
        while (count < wanted) {
            int head = ring.position();
            int before = ring.free();
            ring.offer(request(ring), dice.coin());
            if (ring.free() == before) {
                break;
            }
            heads[count++] = head;
        }
        ring.show();
        batch = Math.min(batch, count);
        int last = 0;
        for (int i = 0; i < count; i++) {
            long state = 16 + 16L * heads[i];
            region.set(ValueLayout.JAVA_BYTE, state, (byte) dice.bent(1));
            region.set(U64, state + COUNTER, dice.bent(i + 1L));
            if (i < batch) {
                put(state + 6, dice.bent16(last));
                last = heads[i];
                long entry = SplitLayout.RING + (long) (base + i & size - 1) * SplitLayout.USED_ENTRY;
                putUsed(ring, memory, entry, dice.bent16(heads[i]));
            }
        }
        put(12, dice.bent16(last));
        put(14, dice.bent16(base));
        memory.usedIndex(base + batch);
        if (dice.bends() && batch > 0 && dice.oneIn(3)) {
            spoilBatch(ring, memory, heads, base);
        }
    }

    /** Makes the list of the batch another one than the used ring has, or one that is none. */
    private void spoilBatch(SplitAttack ring, SplitRing memory, int[] heads, int base) {
        switch (dice.below(6)) {
            case 0 -> put(12, size + dice.below(3));
            case 1 -> put(16 + 16L * heads[0] + 6, heads[0]);
            case 2 -> putUsed(ring, memory, SplitLayout.RING + (long) (base & size - 1) * SplitLayout.USED_ENTRY, size);
            case 3 -> put(14, base - size - dice.below(3));
            case 4 -> put(14, base - 2);
            default -> put(16 + 16L * heads[0] + 6, size);
        }
    }

    private static void putUsed(AttackRing ring, SplitRing memory, long entry, int head) {
        GuestRam ram = ring.memory.ram();
        ram.putInt(memory.deviceArea() + entry, head);
    }

    /** The chain that comes first may be one that was given back, whether or not the driver was shown. */
    private void craftPacked(PackedAttack ring) {
        int used = ring.base();
        int nextUsed = used;
        int wanted = 1 + dice.below(Math.max(1, size / 2));
        boolean batch = dice.coin();
        int state = 0;
        int batchEnd = 0;
        for (int i = 0; i < wanted; i++) {
            int slot = ring.position();
            boolean wrap = ring.wrap();
            int before = ring.free();
            ring.offer(request(ring), dice.coin());
            int entries = before - ring.free();
            if (entries <= 0) {
                // There was no room, or a bent entry looked as if the back end had given back more than this took.
                break;
            }
            // The flags of the first come with this; before it they are those of the last lap.
            ring.show();
            copyChain(ring.packed(), slot, state, entries, i + 1L);
            state += entries;
            if (i == 0 && batch) {
                batchEnd = state;
                nextUsed = ring.position() | (ring.wrap() ? PackedLayout.WRAP : 0);
                if (dice.coin()) {
                    ring.packed().flags(slot, wrap ? PackedLayout.F_AVAIL | PackedLayout.F_USED : 0);
                }
            }
        }
        linkFree(state, batchEnd);
        put(16, dice.bent16(nextUsed & PackedLayout.WRAP - 1));
        put(18, dice.bent16(used & PackedLayout.WRAP - 1));
        region.set(ValueLayout.JAVA_BYTE, 20, (byte) dice.bent16((nextUsed & PackedLayout.WRAP) >> 15));
        region.set(ValueLayout.JAVA_BYTE, 21, (byte) dice.bent16((used & PackedLayout.WRAP) >> 15));
    }

    /** Copies a chain's descriptors into states one after the other. */
    private void copyChain(PackedRing ring, int slot, int first, int entries, long counter) {
        for (int i = 0; i < entries; i++) {
            long at = state(first + i);
            int from = (slot + i) % size;
            put(at + 2, dice.bent16(first + i + 1));
            put(at + 16, dice.bent16(ring.id(from)));
            put(at + 18, dice.bent16(ring.flags(from)));
            region.set(ValueLayout.JAVA_INT_UNALIGNED, at + 20, dice.bent(ring.length(from)));
            region.set(U64, at + 24, dice.bent(ring.address(from)));
        }
        long at = state(first);
        put(at + 4, dice.bent16(first + entries - 1));
        put(at + 6, dice.bent16(entries));
        region.set(U64, at + COUNTER, dice.bent(counter));
        region.set(ValueLayout.JAVA_BYTE, at, (byte) dice.bent16(1));
    }

    /** Links the states from the first free one on; those of the batch, if there is one, come before them. */
    private void linkFree(int firstFree, int batchEnd) {
        for (int i = firstFree; i < size; i++) {
            put(state(i) + 2, dice.bent16(i + 1));
        }
        if (batchEnd > 0) {
            put(state(batchEnd - 1) + 2, dice.bent16(firstFree));
        }
        put(12, dice.bent16(batchEnd > 0 ? 0 : firstFree));
        put(14, dice.bent16(firstFree));
    }

    private static long state(int index) {
        return 32 + 32L * index;
    }

    private void put(long at, int value) {
        region.set(U16, at, (short) value);
    }
}
