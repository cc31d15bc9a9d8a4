package dev.ringside.vhost.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Tracks the requests in flight of a packed ring in memory that outlives this process: a copy of each descriptor, since the
 * ring's own entries are written over, in a list of states whose free ones are linked. The same rules hold as for {@link
 * SplitInflight}.
 *
 * <p>A batch is given back to the free list when it is published, not when each request completes, so that between two
 * publications the list changes by taking only; the "old" fields are what a successor returns to when the batch was not
 * published.
 */
final class PackedInflight {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = U16.varHandle();
    private static final VarHandle LONG = U64.varHandle();
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    private final MemorySegment region;
    private final int size;
    private final int[] batch;
    private int batchCount;
    private long counter;
    private boolean resumed;

    /**
     * Attaches to a region.
     *
     * @param region at least {@link InflightLayout#bytes} long, aligned to 8 bytes
     */
    PackedInflight(MemorySegment region, int size) {
        this.region = region;
        this.size = size;
        this.batch = new int[size];
    }

    /**
     * Takes over what the region says, or makes it ready if nobody has used it yet.
     *
     * @param ring the descriptor ring
     * @param used the used entry with its wrap counter in bit 15, for a region that nobody has used yet
     * @return the first states of the requests that were in flight, oldest first
     */
    int[] recover(MemorySegment ring, int used) {
        if (u16(InflightLayout.OFFSET_VERSION) != InflightLayout.VERSION
                || u16(InflightLayout.OFFSET_DESC_NUM) != size
                || u16(InflightLayout.PACKED_OLD_USED_IDX) >= size
                || u16(InflightLayout.PACKED_USED_IDX) >= size) {
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
        int[] states = IntStream.range(0, size)
                .filter(state -> (byte) BYTE.getOpaque(region, at(state) + InflightLayout.INFLIGHT) != 0)
                .boxed()
                .sorted(Comparator.comparing(this::counterOf, Long::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        counter = Arrays.stream(states).mapToLong(this::counterOf).reduce(0, (a, b) -> b) + 1;
        return states;
    }

    /** Whether {@link #recover} found a region in use. */
    boolean resumed() {
        return resumed;
    }

    /** The used entry of the region, with its wrap counter in bit 15. */
    int used() {
        int wrap = (byte) BYTE.getOpaque(region, (long) InflightLayout.PACKED_USED_WRAP) != 0 ? PackedLayout.WRAP : 0;
        return u16(InflightLayout.PACKED_USED_IDX) | wrap;
    }

    /** How many ring entries a request that was in flight takes; 0 if the region is wrong. */
    int entriesOf(int state) {
        int entries = u16(at(state) + InflightLayout.PACKED_NUM);
        return entries <= size ? entries : 0;
    }

    /** The state after another one in the list of a request; {@code size} or more if the region is wrong. */
    int next(int state) {
        return u16(at(state) + InflightLayout.PACKED_NEXT);
    }

    /** The address of a descriptor that was in flight. */
    long address(int state) {
        return region.get(U64, at(state) + InflightLayout.PACKED_ADDRESS);
    }

    /** Id, flags and length of a descriptor that was in flight: bits 0, 16 and 32 on. */
    long rest(int state) {
        return region.get(U64, at(state) + InflightLayout.PACKED_ID);
    }

    /**
     * A request has been taken from the ring, from this entry on; the chain remembers its first state.
     *
     * @return false, and nothing was done, if there is no state for each of its entries: the driver offered more entries
     *     than the ring has, or the front end wrote over the free list
     */
    boolean taken(MemorySegment ring, int slot, Chain chain) {
        int first = u16(InflightLayout.PACKED_FREE_HEAD);
        int state = first;
        int last = first;
        int index = slot;
        for (int i = 0; i < chain.descriptors; i++) {
            if (state >= size) {
                return false;
            }
            long from = (long) index * Descriptor.BYTES;
            long rest = ring.get(U64, from + PackedLayout.LENGTH);
            LONG.setOpaque(region, at(state) + InflightLayout.PACKED_ADDRESS, ring.get(U64, from + Descriptor.ADDRESS));
            // The ring has length, id, flags; the state has id, flags, length.
            LONG.setOpaque(region, at(state) + InflightLayout.PACKED_ID, rest >>> 32 | rest << 32);
            last = state;
            state = next(state);
            index = index + 1 == size ? 0 : index + 1;
        }
        SHORT.setOpaque(region, at(first) + InflightLayout.PACKED_LAST, (short) last);
        SHORT.setOpaque(region, at(first) + InflightLayout.PACKED_NUM, (short) chain.descriptors);
        LONG.setOpaque(region, at(first) + InflightLayout.COUNTER, counter++);
        BYTE.setRelease(region, at(first) + InflightLayout.INFLIGHT, (byte) 1);
        SHORT.setRelease(region, (long) InflightLayout.PACKED_FREE_HEAD, (short) state);
        SHORT.setRelease(region, (long) InflightLayout.PACKED_OLD_FREE_HEAD, (short) state);
        chain.state = first;
        return true;
    }

    /** A request has been completed and will be published with the batch. */
    void completed(Chain chain) {
        batch[batchCount++] = chain.state;
    }

    /** The batch is about to be published; the used entry afterwards, with its wrap counter in bit 15. */
    void publishing(int used) {
        int free = u16(InflightLayout.PACKED_FREE_HEAD);
        for (int i = 0; i < batchCount; i++) {
            int last = u16(at(batch[i]) + InflightLayout.PACKED_LAST) % size;
            SHORT.setOpaque(region, at(last) + InflightLayout.PACKED_NEXT, (short) free);
            free = batch[i];
        }
        SHORT.setRelease(region, (long) InflightLayout.PACKED_FREE_HEAD, (short) free);
        byte wrap = (byte) ((used & PackedLayout.WRAP) != 0 ? 1 : 0);
        BYTE.setRelease(region, (long) InflightLayout.PACKED_USED_WRAP, wrap);
        SHORT.setRelease(region, (long) InflightLayout.PACKED_USED_IDX, (short) (used & PackedLayout.WRAP - 1));
    }

    /** The batch has been published. */
    void published() {
        for (int i = 0; i < batchCount; i++) {
            BYTE.setRelease(region, at(batch[i]) + InflightLayout.INFLIGHT, (byte) 0);
        }
        batchCount = 0;
        commit();
    }

    /** The ring has been stopped with nothing in flight; it may begin anew anywhere. */
    void stopped() {
        SHORT.setRelease(region, (long) InflightLayout.OFFSET_VERSION, (short) 0);
    }

    /** Whether the batch between the old and the new used entry was shown to the driver. */
    private boolean batchWasPublished(MemorySegment ring) {
        int old = u16(InflightLayout.PACKED_OLD_USED_IDX);
        byte oldWrap = (byte) BYTE.getOpaque(region, (long) InflightLayout.PACKED_OLD_USED_WRAP);
        if (old == u16(InflightLayout.PACKED_USED_IDX)
                && oldWrap == (byte) BYTE.getOpaque(region, (long) InflightLayout.PACKED_USED_WRAP)) {
            return false;
        }
        int flags = ring.get(U16, (long) old * Descriptor.BYTES + PackedLayout.FLAGS);
        int available = oldWrap != 0 ? PackedLayout.F_AVAIL : PackedLayout.F_USED;
        return (flags & (PackedLayout.F_AVAIL | PackedLayout.F_USED)) != available;
    }

    private void commit() {
        copy(InflightLayout.PACKED_FREE_HEAD, InflightLayout.PACKED_OLD_FREE_HEAD);
        copyWrap(InflightLayout.PACKED_USED_WRAP, InflightLayout.PACKED_OLD_USED_WRAP);
        copy(InflightLayout.PACKED_USED_IDX, InflightLayout.PACKED_OLD_USED_IDX);
    }

    private void rollBack() {
        copy(InflightLayout.PACKED_OLD_FREE_HEAD, InflightLayout.PACKED_FREE_HEAD);
        copyWrap(InflightLayout.PACKED_OLD_USED_WRAP, InflightLayout.PACKED_USED_WRAP);
        copy(InflightLayout.PACKED_OLD_USED_IDX, InflightLayout.PACKED_USED_IDX);
    }

    /** The states of the free list are not in flight, whatever a half-done step left in them. */
    private void clearFreeStates() {
        int state = u16(InflightLayout.PACKED_FREE_HEAD);
        for (int i = 0; i < size && state < size; i++) {
            BYTE.setRelease(region, at(state) + InflightLayout.INFLIGHT, (byte) 0);
            state = next(state);
        }
    }

    private void initialize(int used) {
        for (int state = 0; state < size; state++) {
            BYTE.setOpaque(region, at(state) + InflightLayout.INFLIGHT, (byte) 0);
            SHORT.setOpaque(region, at(state) + InflightLayout.PACKED_NEXT, (short) (state + 1));
        }
        SHORT.setOpaque(region, (long) InflightLayout.PACKED_FREE_HEAD, (short) 0);
        BYTE.setOpaque(
                region, (long) InflightLayout.PACKED_USED_WRAP, (byte) ((used & PackedLayout.WRAP) != 0 ? 1 : 0));
        SHORT.setOpaque(region, (long) InflightLayout.PACKED_USED_IDX, (short) (used & PackedLayout.WRAP - 1));
        commit();
        SHORT.setOpaque(region, (long) InflightLayout.OFFSET_DESC_NUM, (short) size);
        SHORT.setRelease(region, (long) InflightLayout.OFFSET_VERSION, (short) InflightLayout.VERSION);
    }

    private void copy(int from, int to) {
        SHORT.setRelease(region, (long) to, (short) u16(from));
    }

    private void copyWrap(int from, int to) {
        BYTE.setRelease(region, (long) to, (byte) BYTE.getOpaque(region, (long) from));
    }

    private long counterOf(int state) {
        return (long) LONG.getOpaque(region, at(state) + InflightLayout.COUNTER);
    }

    private int u16(long offset) {
        return Short.toUnsignedInt((short) SHORT.getOpaque(region, offset));
    }

    private static long at(int state) {
        return InflightLayout.PACKED_STATES + (long) state * InflightLayout.PACKED_STATE_BYTES;
    }
}
