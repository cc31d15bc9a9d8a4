package dev.ringside.testkit.fuzz;

import dev.ringside.testkit.queue.RingMemory;
import dev.ringside.vhost.queue.Descriptor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * A driver that keeps to the rules as long as its dice bend no number. Follows what the back end gives back without trusting
 * it. One thread.
 */
abstract sealed class AttackRing permits SplitAttack, PackedAttack {
    private static final long SETTLE_NS = 1_000_000;

    /** Tables of indirect descriptors: so many for few entries each, and one for as many as there can be. */
    private static final int TABLES = 64;

    private static final int FEW = 64;

    final AttackMemory memory;
    final Dice dice;
    final int size;
    /** What the ring is for. */
    final Requests requests;
    /** Whether indirect tables were negotiated. */
    private final boolean indirect;

    private final long tables;
    /** The request's slot of the chain of an id. */
    private final int[] slots;

    private int nextTable;

    AttackRing(AttackMemory memory, Dice dice, int size, boolean indirect, Requests requests) {
        this.memory = memory;
        this.dice = dice;
        this.size = size;
        this.indirect = indirect;
        this.requests = requests;
        this.slots = new int[size];
        this.tables = memory.ram().allocate(((long) TABLES * FEW + Buffers.MOST) * Descriptor.BYTES, Descriptor.BYTES);
    }

    /** Where the ring is. */
    abstract RingMemory ring();

    /** The entry of the next chain's first descriptor. */
    abstract int position();

    /** Descriptors that no chain has. */
    abstract int free();

    /** Puts a chain of at most as many descriptors as are free into the ring, and returns its id. */
    abstract int put(Buffers buffers);

    /** Puts a chain of one descriptor, which stands for a table, into the ring, and returns its id. */
    abstract int putTable(long address, int bytes);

    /** Writes an entry of a table. */
    abstract void entry(MemorySegment table, long at, Buffers buffers, int index);

    /** Shows the back end what was put. */
    abstract void show();

    /** Takes back what the back end has given back. */
    abstract void reap();

    /** Where the back end would go on now, as SET_VRING_BASE is told. */
    abstract int base();

    /** Empties the ring's memory, to begin it anew somewhere. */
    abstract void clear();

    /** Forgets all chains, and empties the ring, to begin it anew somewhere. */
    final void reset() {
        Arrays.fill(slots, Requests.NO_SLOT);
        requests.forget();
        clear();
    }

    /** A chain has come back. */
    final void returned(int id, int written) {
        int slot = slots[id];
        if (slot != Requests.NO_SLOT) {
            slots[id] = Requests.NO_SLOT;
            requests.returned(slot, Integer.toUnsignedLong(written));
        }
    }

    /** Says when to be called. */
    abstract void wish();

    /** Writes something somewhere into the ring. */
    abstract void scribble();

    /** Offers a chain if there is room; through a table if it is wanted and was negotiated. */
    final void offer(Buffers buffers, boolean wantsTable) {
        boolean table = wantsTable && (indirect || dice.wrong());
        reap();
        if (buffers.count == 0 || free() < (table ? 1 : buffers.count)) {
            return;
        }
        if (!table) {
            slots[put(buffers)] = buffers.slot;
            return;
        }
        if (free() == size) {
            // Nobody reads the tables any more.
            nextTable = 0;
        }
        boolean many = buffers.count > FEW;
        if (many ? free() < size : nextTable == TABLES) {
            return;
        }
        offerTable(buffers, tables + (long) (many ? TABLES : nextTable++) * FEW * Descriptor.BYTES);
    }

    private void offerTable(Buffers buffers, long at) {
        for (int i = 0; i < buffers.count; i++) {
            entry(memory.control(), at + (long) i * Descriptor.BYTES, buffers, i);
        }
        if (dice.wrong()) {
            // A table in a table, perhaps itself.
            buffers.address[0] = at;
            buffers.length[0] = buffers.count * Descriptor.BYTES;
            entry(memory.control(), at, buffers, 0);
            flag(memory.control(), at, Descriptor.F_INDIRECT);
        }
        slots[putTable(dice.bent(at), dice.bent(buffers.count * Descriptor.BYTES))] = buffers.slot;
    }

    /** Offers as many requests at once as there is room for, each of which takes its time. */
    final void burst() {
        Buffers slow = requests.slow();
        reap();
        while (free() >= slow.count) {
            put(slow);
        }
        show();
    }

    /** Sets a flag of a table's entry. */
    abstract void flag(MemorySegment table, long at, int flag);

    /** Waits a moment for the back end to give all back. */
    final void settle() {
        long end = System.nanoTime() + SETTLE_NS;
        reap();
        while (free() < size && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(10_000);
            reap();
        }
    }

    /** The addresses of the tables, which others may write over. */
    final long tables() {
        return tables;
    }
}
