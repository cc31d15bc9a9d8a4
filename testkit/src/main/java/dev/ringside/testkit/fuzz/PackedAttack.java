package dev.ringside.testkit.fuzz;

import dev.ringside.testkit.queue.PackedRing;
import dev.ringside.testkit.queue.RingMemory;
import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The driver's side of a packed ring, for attacks. */
final class PackedAttack extends AttackRing {
    private static final int NONE = -1;
    private static final int BOTH = PackedLayout.F_AVAIL | PackedLayout.F_USED;

    private final PackedRing ring;
    /** Descriptors of the chain of an id. */
    private final int[] chain;

    private int next;
    private boolean wrap = true;
    private int used;
    private boolean usedWrap = true;
    private int out;
    private int firstSlot = NONE;
    private int firstFlags;

    PackedAttack(AttackMemory memory, Dice dice, int size, boolean indirect, Requests requests) {
        super(memory, dice, size, indirect, requests);
        this.ring = PackedRing.allocate(memory.ram(), size);
        this.chain = new int[size];
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
        int id = takeId(buffers.count);
        for (int i = 0; i < buffers.count; i++) {
            int flags = (buffers.written[i] ? Descriptor.F_WRITE : 0)
                    | (i + 1 < buffers.count || dice.wrong() ? Descriptor.F_NEXT : 0);
            slot(dice.bent(buffers.address[i]), dice.bent(buffers.length[i]), id, flags);
        }
        return id;
    }

    @Override
    int putTable(long address, int bytes) {
        int flags = Descriptor.F_INDIRECT | (dice.oneIn(8) ? Descriptor.F_WRITE : 0);
        int id = takeId(1);
        slot(address, bytes, id, dice.bent16(flags));
        return id;
    }

    @Override
    void entry(MemorySegment table, long at, Buffers buffers, int index) {
        PackedRing.tableEntry(
                table,
                at,
                dice.bent(buffers.address[index]),
                dice.bent(buffers.length[index]),
                dice.bent16(buffers.written[index] ? Descriptor.F_WRITE : 0));
    }

    @Override
    void flag(MemorySegment table, long at, int flag) {
        table.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + PackedLayout.FLAGS, (short) flag);
    }

    /** Any id whose chain has come back. */
    private int takeId(int count) {
        int id = dice.below(size);
        while (chain[id] != 0) {
            id = id + 1 == size ? 0 : id + 1;
        }
        chain[id] = count;
        out += count;
        return id;
    }

    private void slot(long address, int length, int id, int flags) {
        ring.descriptor(next, address, length, dice.bent16(id));
        int all = dice.bent16(flags | (wrap ? PackedLayout.F_AVAIL : PackedLayout.F_USED));
        if (firstSlot == NONE) {
            firstSlot = next;
            firstFlags = all;
        } else {
            ring.flags(next, all);
        }
        next++;
        if (next == size) {
            next = 0;
            wrap = !wrap;
        }
    }

    @Override
    void show() {
        if (firstSlot != NONE) {
            ring.flags(firstSlot, firstFlags);
            firstSlot = NONE;
        }
    }

    @Override
    void reap() {
        for (int i = 0; i < size && (ring.flags(used) & BOTH) == (usedWrap ? BOTH : 0); i++) {
            int id = ring.id(used);
            if (out == 0 || id >= size || chain[id] == 0) {
                return;
            }
            int written = ring.length(used);
            used += chain[id];
            out -= chain[id];
            chain[id] = 0;
            if (used >= size) {
                used -= size;
                usedWrap = !usedWrap;
            }
            returned(id, written);
        }
    }

    @Override
    int base() {
        int at = used | (usedWrap ? PackedLayout.WRAP : 0);
        return at | at << 16;
    }

    @Override
    void clear() {
        ring.clear();
        Arrays.fill(chain, 0);
        out = 0;
        firstSlot = NONE;
        next = dice.coin() ? 0 : dice.below(size);
        wrap = dice.coin();
        used = next;
        usedWrap = wrap;
        for (int slot = 0; slot < size; slot++) {
            // As if every entry had been used once.
            ring.flags(slot, slot < next == wrap ? BOTH : 0);
        }
    }

    @Override
    void wish() {
        int at = used | (usedWrap ? PackedLayout.WRAP : 0);
        switch (dice.below(4)) {
            case 0 -> ring.driverEvent(at, dice.below(4));
            case 1 -> ring.driverEvent(at, PackedLayout.EVENT_DESC);
            case 2 -> ring.driverEvent(dice.below(1 << 16), dice.pick(PackedLayout.EVENT_DESC, 3, 0xffff));
            default -> ring.driverEvent(at + dice.below(2 * size), PackedLayout.EVENT_DESC);
        }
    }

    @Override
    void scribble() {
        int slot = dice.below(size);
        switch (dice.below(7)) {
            case 0 -> ring.descriptor(slot, dice.edge(), (int) dice.edge(), dice.below(size + 2));
            case 1 -> ring.flags(slot, ring.flags(slot) ^ dice.pick(BOTH, PackedLayout.F_AVAIL, PackedLayout.F_USED));
            case 2 -> ring.flags(slot, ring.flags(slot) ^ dice.pick(1, 2, 4));
            case 3 -> overtake();
            case 4 -> memory.control().set(ValueLayout.JAVA_LONG, tables() + dice.below(64) * 8L, dice.edge());
            case 5 -> ring.flags(slot, dice.below(1 << 16));
            default -> everythingAvailable(dice.oneIn(4));
        }
    }

    /** Offers chains that overlap: each has its first descriptor where it must be, and goes on into the next. */
    private void overtake() {
        int length = Math.max(2, size * 2 / 3);
        Buffers slow = requests.slow();
        int answer = slow.count - 1;
        for (int i = 0; i < size; i++) {
            boolean lap = wrap == next + i < size;
            int part = i % length;
            int flags = (part == length - 1 ? Descriptor.F_WRITE : Descriptor.F_NEXT)
                    | (lap ? PackedLayout.F_AVAIL : PackedLayout.F_USED);
            int slot = (next + i) % size;
            int buffer = part == length - 1 ? answer : 0;
            ring.descriptor(slot, slow.address[buffer], slow.length[buffer], slot, flags);
        }
    }

    /** Makes every entry available, as a chain that never ends or as requests of one buffer. */
    private void everythingAvailable(boolean linked) {
        for (int slot = 0; slot < size; slot++) {
            boolean lap = slot >= next == wrap;
            int flags = (linked ? Descriptor.F_NEXT : 0) | (lap ? PackedLayout.F_AVAIL : PackedLayout.F_USED);
            ring.descriptor(slot, memory.buffer(dice, 16), 16, slot, flags);
        }
    }

    @Override
    int position() {
        return next;
    }

    /** The ring itself. */
    PackedRing packed() {
        return ring;
    }

    /** Whether the driver's wrap counter is 1. */
    boolean wrap() {
        return wrap;
    }
}
