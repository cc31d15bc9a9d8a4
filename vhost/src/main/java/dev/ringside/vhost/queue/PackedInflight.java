package dev.ringside.vhost.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Tracks the requests in flight of a packed ring in memory that outlives this process: a copy of each descriptor, since the
 * ring's own entries are written over, in a list of states whose free ones are linked. The same rules hold as for {@link
 * SplitInflight}.
 *
 * <p>A batch is given back to the free list when it is published, not when each request completes, so that between two
 * publications the list changes by taking only; the "old" fields are what a successor returns to when the batch was not
 * published.
 *
 * <p>The used entry and its wrap counter, of which one without the other is wrong, lie in one aligned 64-bit word together
 * with the old ones, and change by one store. So do both heads of the free list where both change.
 */
final class PackedInflight {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The word of the used entry: where the old entry and the two wrap counters begin. */
    private static final int OLD_USED_SHIFT = (InflightLayout.PACKED_OLD_USED_IDX - InflightLayout.PACKED_USED_IDX) * 8;

    private static final int WRAP_SHIFT = (InflightLayout.PACKED_USED_WRAP - InflightLayout.PACKED_USED_IDX) * 8;
    private static final int OLD_WRAP_SHIFT =
            (InflightLayout.PACKED_OLD_USED_WRAP - InflightLayout.PACKED_USED_IDX) * 8;

    private static final int USUAL_BATCH = 128;

    private final InflightMemory region;
    private final InflightTable table;
    private final int size;
    private int[] batch = new int[USUAL_BATCH];
    private int batchCount;
    /** From 1 on, so that 0 is a state that nobody has used. */
    private long counter = 1;

    private boolean resumed;

    /**
     * Attaches to a region.
     *
     * @param region at least {@link InflightLayout#bytes} long, aligned to 8 bytes
     */
    PackedInflight(InflightMemory region, int size) {
        this.region = region;
        this.table = new InflightTable(region, InflightLayout.PACKED_STATES, InflightLayout.PACKED_STATE_BYTES, size);
        this.size = size;
    }

    /**
     * Takes over what the region says, or makes it ready if nobody has used it yet.
     *
     * @param ring the descriptor ring
     * @param used the used entry with its wrap counter in bit 15, for a region that nobody has used yet
     * @return the first states of the requests that were in flight, oldest first
     */
    int[] recover(MemorySegment ring, int used) {
        if (!isInUse()) {
            initialize(used);
            return new int[0];
        }
        resumed = true;
        if (batchWasPublished(ring)) {
            commit();
        } else {
            rollBack();
        }
        clearFreeStates();
        int[] states = table.oldestFirst();
        counter = table.counterAfter(states);
        return states;
    }

    /**
     * Whether somebody has tracked a request here. A region that was only made ready tells nothing, not even where the ring
     * begins: some back ends leave that at 0.
     */
    private boolean isInUse() {
        return region.u16(InflightLayout.OFFSET_VERSION) == InflightLayout.VERSION
                && region.u16(InflightLayout.OFFSET_DESC_NUM) == size
                && region.u16(InflightLayout.PACKED_OLD_USED_IDX) < size
                && region.u16(InflightLayout.PACKED_USED_IDX) < size
                && table.isTouched();
    }

    /** Whether {@link #recover} found a region in use. */
    boolean resumed() {
        return resumed;
    }

    /** The used entry of the region, with its wrap counter in bit 15. */
    int used() {
        return entry(usedWord(), 0, WRAP_SHIFT);
    }

    /** How many ring entries a request that was in flight takes; 0 if the region is wrong. */
    int entriesOf(int state) {
        int entries = region.u16(at(state) + InflightLayout.PACKED_NUM);
        return entries <= size ? entries : 0;
    }

    /** The state after another one in the list of a request; {@code size} or more if the region is wrong. */
    int next(int state) {
        return region.u16(at(state) + InflightLayout.PACKED_NEXT);
    }

    /** The address of a descriptor that was in flight. */
    long address(int state) {
        return region.i64(at(state) + InflightLayout.PACKED_ADDRESS);
    }

    /** Id, flags and length of a descriptor that was in flight: bits 0, 16 and 32 on. */
    long rest(int state) {
        return region.i64(at(state) + InflightLayout.PACKED_ID);
    }

    /**
     * A request has been taken from the ring, from this entry on; the chain remembers its first state.
     *
     * @return false, and nothing was done, if there is no state for each of its entries: the front end wrote over the free
     *     list
     */
    boolean taken(MemorySegment ring, int slot, Chain chain) {
        int first = region.u16(InflightLayout.PACKED_FREE_HEAD);
        int state = first;
        int last = first;
        int index = slot;
        for (int i = 0; i < chain.descriptors; i++) {
            if (state >= size) {
                return false;
            }
            long from = (long) index * Descriptor.BYTES;
            long rest = ring.get(U64, from + PackedLayout.LENGTH);
            region.store64(at(state) + InflightLayout.PACKED_ADDRESS, ring.get(U64, from + Descriptor.ADDRESS));
            // The ring has length, id, flags; the state has id, flags, length.
            region.store64(at(state) + InflightLayout.PACKED_ID, rest >>> 32 | rest << 32);
            last = state;
            state = next(state);
            index = index + 1 == size ? 0 : index + 1;
        }
        region.store16(at(first) + InflightLayout.PACKED_LAST, last);
        region.store16(at(first) + InflightLayout.PACKED_NUM, chain.descriptors);
        region.store64(at(first) + InflightLayout.COUNTER, counter++);
        region.store8(at(first) + InflightLayout.INFLIGHT, 1);
        storeBothFreeHeads(state);
        chain.state = first;
        return true;
    }

    /** A request has been completed and will be published with the batch. */
    void completed(Chain chain) {
        if (batchCount == batch.length) {
            batch = Arrays.copyOf(batch, 2 * batchCount);
        }
        batch[batchCount++] = chain.state;
    }

    /** The batch is about to be published; the used entry afterwards, with its wrap counter in bit 15. */
    void publishing(int used) {
        int free = region.u16(InflightLayout.PACKED_FREE_HEAD);
        for (int i = 0; i < batchCount; i++) {
            int last = region.u16(at(batch[i]) + InflightLayout.PACKED_LAST) % size;
            region.store16(at(last) + InflightLayout.PACKED_NEXT, free);
            free = batch[i];
        }
        region.store16(InflightLayout.PACKED_FREE_HEAD, free);
        long old = usedWord() & (0xffffL << OLD_USED_SHIFT | 0xffL << OLD_WRAP_SHIFT);
        storeUsedWord(old | word(used, 0, WRAP_SHIFT));
    }

    /** The batch has been published. */
    void published() {
        for (int i = 0; i < batchCount; i++) {
            region.store8(at(batch[i]) + InflightLayout.INFLIGHT, 0);
        }
        batchCount = 0;
        commit();
    }

    /** The ring has been stopped with nothing in flight; whether it may begin anew anywhere. */
    void stopped(boolean anew) {
        region.store16(InflightLayout.OFFSET_VERSION, anew ? 0 : InflightLayout.VERSION);
    }

    /** Whether the batch between the old and the new used entry was shown to the driver. */
    private boolean batchWasPublished(MemorySegment ring) {
        long word = usedWord();
        int old = entry(word, OLD_USED_SHIFT, OLD_WRAP_SHIFT);
        if (old == entry(word, 0, WRAP_SHIFT)) {
            return false;
        }
        int slot = old & PackedLayout.WRAP - 1;
        int flags = ring.get(U16, (long) slot * Descriptor.BYTES + PackedLayout.FLAGS);
        int available = (old & PackedLayout.WRAP) != 0 ? PackedLayout.F_AVAIL : PackedLayout.F_USED;
        return (flags & (PackedLayout.F_AVAIL | PackedLayout.F_USED)) != available;
    }

    private void commit() {
        region.store16(InflightLayout.PACKED_OLD_FREE_HEAD, region.u16(InflightLayout.PACKED_FREE_HEAD));
        storeBothUsed(entry(usedWord(), 0, WRAP_SHIFT));
    }

    private void rollBack() {
        region.store16(InflightLayout.PACKED_FREE_HEAD, region.u16(InflightLayout.PACKED_OLD_FREE_HEAD));
        storeBothUsed(entry(usedWord(), OLD_USED_SHIFT, OLD_WRAP_SHIFT));
    }

    /** The states of the free list are not in flight, whatever a half-done step left in them. */
    private void clearFreeStates() {
        int state = region.u16(InflightLayout.PACKED_FREE_HEAD);
        for (int i = 0; i < size && state < size; i++) {
            region.store8(at(state) + InflightLayout.INFLIGHT, 0);
            state = next(state);
        }
    }

    private void initialize(int used) {
        for (int state = 0; state < size; state++) {
            region.store8(at(state) + InflightLayout.INFLIGHT, 0);
            region.store16(at(state) + InflightLayout.PACKED_NEXT, (state + 1));
        }
        storeBothFreeHeads(0);
        storeBothUsed(used);
        region.store16(InflightLayout.OFFSET_DESC_NUM, size);
        region.store16(InflightLayout.OFFSET_VERSION, InflightLayout.VERSION);
    }

    private void storeBothFreeHeads(int state) {
        region.store32(InflightLayout.PACKED_FREE_HEAD, state | state << 16);
    }

    private long usedWord() {
        return region.i64(InflightLayout.PACKED_USED_IDX);
    }

    private void storeUsedWord(long word) {
        region.store64(InflightLayout.PACKED_USED_IDX, word);
    }

    private void storeBothUsed(int used) {
        storeUsedWord(word(used, 0, WRAP_SHIFT) | word(used, OLD_USED_SHIFT, OLD_WRAP_SHIFT));
    }

    /** A ring entry with its wrap counter in bit 15, as a part of the word. */
    private static long word(int used, int indexShift, int wrapShift) {
        long wrap = (used & PackedLayout.WRAP) != 0 ? 1 : 0;
        return ((long) (used & (PackedLayout.WRAP - 1)) << indexShift) | (wrap << wrapShift);
    }

    /** A ring entry with its wrap counter in bit 15, out of the word. */
    private static int entry(long word, int indexShift, int wrapShift) {
        int wrap = (word >>> wrapShift & 0xff) != 0 ? PackedLayout.WRAP : 0;
        return ((int) (word >>> indexShift) & (PackedLayout.WRAP - 1)) | wrap;
    }

    private static long at(int state) {
        return InflightLayout.PACKED_STATES + (long) state * InflightLayout.PACKED_STATE_BYTES;
    }
}
