package dev.ringside.testkit.fuzz;

import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

/**
 * What is offered on a ring: requests as buffers, most of them right. Each has a slot of guest memory for its headers. A careful
 * driver leaves a slot alone until its request has come back, and then looks at the answer. One thread.
 */
abstract sealed class Requests permits BlkRequests, ScsiRequests, ScsiControls, ScsiEventBuffers {
    /** In place of the slot of a chain whose answer nobody looks at. */
    static final int NO_SLOT = -1;

    static final int SLOTS = 128;
    /** Of an answer that has not been written. */
    private static final byte FILLER = (byte) 0xee;

    private static final int SLOW_BYTES = 256;

    final AttackMemory memory;
    final Dice dice;
    final boolean careful;
    final Buffers buffers = new Buffers();
    final Buffers slow = new Buffers();
    /** Where the headers of {@link #slow} are. */
    final long slowAt;

    private final long slots;
    private final int slotBytes;
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private int next;

    /**
     * Makes requests.
     *
     * @param careful whether nobody changes a buffer that is offered, so that one that is only to be read stays as it is
     * @param slotBytes of each slot, a power of two
     */
    Requests(AttackMemory memory, Dice dice, boolean careful, int slotBytes) {
        this.memory = memory;
        this.dice = dice;
        this.careful = careful;
        this.slotBytes = slotBytes;
        this.slots = memory.ram().allocate((long) SLOTS * slotBytes, slotBytes);
        this.slowAt = memory.ram().allocate(SLOW_BYTES, SLOW_BYTES);
        forget();
    }

    /**
     * The next request, valid until the next call.
     *
     * @param most buffers that it may have, at least 2; it has none if there is nothing to offer now
     */
    final Buffers next(int most) {
        buffers.clear();
        if (dice.wrong()) {
            nonsense(most);
            return buffers;
        }
        if (!careful) {
            make(slotAt(next++ % SLOTS), NO_SLOT, most);
            return buffers;
        }
        Integer slot = free.poll();
        if (slot != null) {
            make(slotAt(slot), slot, most);
            buffers.slot = slot;
        }
        return buffers;
    }

    /**
     * Makes a request of the buffers.
     *
     * @param at where its slot is
     * @param slot the number of that if the answer is looked at, else {@link #NO_SLOT}
     */
    abstract void make(long at, int slot, int most);

    /**
     * Looks at an answer.
     *
     * @param written bytes that the device says it wrote
     * @return what is wrong with it; empty if nothing is
     */
    abstract String flaw(long at, int slot, long written);

    /** A request that takes its time, any number of which can be under way at once. */
    final Buffers slow() {
        return slow;
    }

    /**
     * A request has come back whose answer is looked at.
     *
     * @throws IllegalStateException if it is none
     */
    final void returned(int slot, long written) {
        String flaw = flaw(slotAt(slot), slot, written);
        if (!flaw.isEmpty()) {
            throw new IllegalStateException("an answer of " + written + " bytes: " + flaw);
        }
        free.add(slot);
    }

    /** No request is under way any more. */
    final void forget() {
        free.clear();
        for (int i = 0; i < SLOTS; i++) {
            free.add(i);
        }
    }

    private long slotAt(int slot) {
        return slots + (long) slot * slotBytes;
    }

    /** Fills the place of an answer, so that one that is not written is seen. */
    final void blank(long at, int bytes) {
        memory.control().asSlice(at, bytes).fill(FILLER);
    }

    /** Bytes of the rings' memory. */
    final byte[] read(long at, int bytes) {
        return memory.control().asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    /** A chain that is no request, or one that nobody can do. */
    private void nonsense(int most) {
        switch (dice.below(3)) {
            case 0 -> buffers.add(memory.buffer(dice, 1), dice.below(16), dice.coin());
            case 1 -> {
                for (int i = Math.min(most, 2 + dice.below(6)); i > 0; i--) {
                    buffers.add(memory.buffer(dice, 4096), dice.below(4096), dice.coin());
                }
            }
            default -> buffers.add(memory.buffer(dice, 1), 0xffff_ffffL, dice.coin());
        }
    }

    /** A chain that is longer than it may be, in bytes or in buffers, or nearly so; valid until the next call. */
    final Buffers tooLong() {
        buffers.clear();
        if (dice.coin()) {
            for (int i = 260; i > 0; i--) {
                buffers.add(memory.large(), AttackMemory.LARGE_BYTES, false);
            }
        } else {
            for (int i = dice.pick(1023, 1024, 1025, 1100); i > 0; i--) {
                buffers.add(slots, 16, i < 3);
            }
        }
        return buffers;
    }

    /** Changes a slot after it has been offered: perhaps before, perhaps after the back end has looked. */
    final void changeHeader() {
        long at = slotAt(dice.below(SLOTS));
        memory.control().set(ValueLayout.JAVA_LONG_UNALIGNED, at + dice.below(15) * 8L, dice.edge());
    }
}
