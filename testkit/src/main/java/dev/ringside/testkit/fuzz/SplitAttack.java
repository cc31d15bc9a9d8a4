package dev.ringside.testkit.fuzz;

import dev.ringside.testkit.queue.RingMemory;
import dev.ringside.testkit.queue.SplitRing;
import dev.ringside.vhost.queue.Descriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The driver's side of a split ring, for attacks. */
final class SplitAttack extends AttackRing {
    private static final int MASK16 = 0xffff;

    private final SplitRing ring;
    /** Descriptors of the chain at a head. */
    private final int[] chain;
    /** Whether a chain has the descriptor; chains come back in any order. */
    private final boolean[] taken;
    /** The descriptor behind one in its chain. */
    private final int[] link;

    private int nextDescriptor;
    private int available;
    private int used;
    private int out;

    SplitAttack(AttackMemory memory, Dice dice, int size, boolean indirect, Requests requests) {
        super(memory, dice, size, indirect, requests);
        this.ring = SplitRing.allocate(memory.ram(), size);
        this.chain = new int[size];
        this.taken = new boolean[size];
        this.link = new int[size];
    }

    @Override
    RingMemory ring() {
        return ring;
    }

    @Override
    int free() {
        return size - out;
    }

    @Override
    int put(Buffers buffers) {
        int head = take();
        int at = head;
        for (int i = 0; i < buffers.count; i++) {
            boolean last = i + 1 == buffers.count;
            int next = last ? head : take();
            link[at] = next;
            ring.descriptor(
                    at,
                    dice.bent(buffers.address[i]),
                    dice.bent(buffers.length[i]),
                    dice.bent16(flags(buffers, i)),
                    last ? 0 : dice.bent16(dice.wrong() ? head : next));
            at = next;
        }
        took(head, buffers.count);
        return head;
    }

    @Override
    int putTable(long address, int bytes) {
        int head = take();
        int flags = Descriptor.F_INDIRECT | (dice.oneIn(8) ? Descriptor.F_WRITE : 0);
        ring.descriptor(head, address, bytes, dice.bent16(flags), dice.bent16(0));
        took(head, 1);
        return head;
    }

    @Override
    void entry(MemorySegment table, long at, Buffers buffers, int index) {
        boolean last = index + 1 == buffers.count;
        SplitRing.descriptor(
                table,
                at,
                dice.bent(buffers.address[index]),
                dice.bent(buffers.length[index]),
                dice.bent16(flags(buffers, index)),
                last ? 0 : dice.bent16(index + 1));
    }

    @Override
    void flag(MemorySegment table, long at, int flag) {
        table.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + Descriptor.FLAGS, (short) flag);
    }

    private static int flags(Buffers buffers, int index) {
        return (buffers.written[index] ? Descriptor.F_WRITE : 0) | (index + 1 < buffers.count ? Descriptor.F_NEXT : 0);
    }

    /** Takes the next descriptor that is free, of which there is one. */
    private int take() {
        int descriptor = position();
        taken[descriptor] = true;
        nextDescriptor = descriptor + 1 & size - 1;
        return descriptor;
    }

    private void took(int head, int count) {
        chain[head] = count;
        out += count;
        ring.availableEntry(available, dice.bent16(head));
        available = available + 1 & MASK16;
    }

    @Override
    void show() {
        ring.availableIndex(dice.bent16(available));
    }

    @Override
    void reap() {
        int now = ring.usedIndex();
        for (int i = 0; i < size && used != now; i++) {
            int id = ring.usedId(used);
            if (id >= 0 && id < size) {
                giveBack(id);
                returned(id, ring.usedLength(used));
            }
            used = used + 1 & MASK16;
        }
        used = now;
    }

    private void giveBack(int head) {
        out -= chain[head];
        for (int at = head; chain[head] > 0; chain[head]--) {
            taken[at] = false;
            at = link[at];
        }
    }

    @Override
    int base() {
        return ring.usedIndex();
    }

    @Override
    void clear() {
        ring.clear();
        Arrays.fill(chain, 0);
        Arrays.fill(taken, false);
        out = 0;
        nextDescriptor = 0;
        available = dice.coin() ? 0 : dice.pick(1, 0xfff0, 0xffff, 0x7fff);
        used = available;
        ring.availableIndex(available);
        ring.usedIndex(available);
        ring.usedEvent(available);
    }

    @Override
    void wish() {
        switch (dice.below(4)) {
            case 0 -> ring.availableFlags(dice.below(3));
            case 1 -> ring.usedEvent(used);
            case 2 -> ring.usedEvent(used + dice.below(2 * size));
            default -> ring.usedEvent(dice.below(1 << 16));
        }
    }

    @Override
    void scribble() {
        switch (dice.below(8)) {
            case 0 ->
                ring.descriptor(dice.below(size), dice.edge(), (int) dice.edge(), dice.below(8), dice.below(size + 2));
            case 1 -> ring.usedIndex(dice.below(1 << 16));
            case 2 -> ring.availableIndex(available + dice.below(2 * size + 2));
            case 3 -> ring.availableEntry(available - dice.below(size), dice.below(size + 2));
            case 4 -> loop();
            case 5 -> memory.control().set(ValueLayout.JAVA_LONG, tables() + dice.below(64) * 8L, dice.edge());
            case 6 -> ring.availableEntry(available - 1, dice.pick(size, 0xffff));
            default -> ring.availableIndex(available - 1);
        }
    }

    /** Links all descriptors to a circle. */
    private void loop() {
        for (int i = 0; i < size; i++) {
            ring.descriptor(i, memory.buffer(dice, 16), 16, Descriptor.F_NEXT, i + 1 & size - 1);
        }
    }

    @Override
    int position() {
        for (int i = 0; i < size; i++) {
            int descriptor = nextDescriptor + i & size - 1;
            if (!taken[descriptor]) {
                return descriptor;
            }
        }
        return nextDescriptor;
    }

    /** The ring itself. */
    SplitRing split() {
        return ring;
    }
}
