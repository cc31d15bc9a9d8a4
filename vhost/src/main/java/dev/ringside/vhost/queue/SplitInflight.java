package dev.ringside.vhost.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * Tracks the requests in flight of a split ring in memory that outlives this process. Each step leaves the region so that a
 * successor neither loses a request nor reports one twice. The front end can write the region: nothing in it is trusted,
 * and what is wrong in it harms that front end's own queue only. Owned by the queue's reactor.
 *
 * <p>The order of the stores is the meaning of this class.
 */
final class SplitInflight {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final InflightMemory region;
    private final InflightTable table;
    private final int size;
    /** From 1 on, so that 0 is a state that nobody has used. */
    private long counter = 1;

    private boolean resumed;

    /**
     * Attaches to a region.
     *
     * @param region at least {@link InflightLayout#bytes} long, aligned to 8 bytes
     */
    SplitInflight(InflightMemory region, int size) {
        this.region = region;
        this.table = new InflightTable(region, InflightLayout.SPLIT_STATES, InflightLayout.SPLIT_STATE_BYTES, size);
        this.size = size;
    }

    /**
     * Takes over what the region says, or makes it ready if nobody has used it yet.
     *
     * @param used the used ring
     * @param usedIndex its index, 16 bits
     * @return the heads of the requests that were in flight, oldest first
     */
    int[] recover(MemorySegment used, int usedIndex) {
        if (!isInUse()) {
            initialize(usedIndex);
            return new int[0];
        }
        resumed = true;
        if (knowsBatch(used, usedIndex)) {
            finishBatch(usedIndex);
        } else {
            region.store16(InflightLayout.SPLIT_USED_IDX, usedIndex);
        }
        int[] heads = table.oldestFirst();
        counter = table.counterAfter(heads);
        return heads;
    }

    /** Whether somebody has tracked a request here; a region that was only made ready tells nothing. */
    private boolean isInUse() {
        return region.u16(InflightLayout.OFFSET_VERSION) == InflightLayout.VERSION
                && region.u16(InflightLayout.OFFSET_DESC_NUM) == size
                && table.isTouched();
    }

    /**
     * Whether the list of the last batch has what the used ring says was published since the region's used index. It has
     * not where a back end never wrote that index: then nothing is known of a batch, and nothing may be forgotten.
     */
    private boolean knowsBatch(MemorySegment used, int usedIndex) {
        int batch = usedIndex - region.u16(InflightLayout.SPLIT_USED_IDX) & 0xffff;
        if (batch > size) {
            return false;
        }
        BitSet seen = new BitSet();
        int head = region.u16(InflightLayout.SPLIT_LAST_BATCH_HEAD);
        for (int i = 1; i <= batch; i++) {
            long entry = SplitLayout.RING + (long) (usedIndex - i & size - 1) * SplitLayout.USED_ENTRY;
            if (head >= size || seen.get(head) || used.get(U32, entry) != head) {
                return false;
            }
            seen.set(head);
            head = region.u16(state(head) + InflightLayout.SPLIT_NEXT);
        }
        return true;
    }

    /** Whether {@link #recover} found a region in use. */
    boolean resumed() {
        return resumed;
    }

    /** A request has been taken from the available ring. */
    void taken(int head) {
        long state = state(head);
        region.store64(state + InflightLayout.COUNTER, counter++);
        region.store8(state + InflightLayout.INFLIGHT, 1);
    }

    /** A request has been completed and will be published with the batch. */
    void completed(int head) {
        int last = region.u16(InflightLayout.SPLIT_LAST_BATCH_HEAD);
        region.store16(state(head) + InflightLayout.SPLIT_NEXT, last);
        region.store16(InflightLayout.SPLIT_LAST_BATCH_HEAD, head);
    }

    /** The batch has been published: the used ring has this index. */
    void published(int usedIndex) {
        finishBatch(usedIndex);
    }

    /** The ring has been stopped with nothing in flight; whether it may begin anew at any index. */
    void stopped(boolean anew) {
        region.store16(InflightLayout.OFFSET_VERSION, anew ? 0 : InflightLayout.VERSION);
    }

    /** Forgets the requests between the index that the region knows and the one that the driver sees. */
    private void finishBatch(int usedIndex) {
        int batch = usedIndex - region.u16(InflightLayout.SPLIT_USED_IDX) & 0xffff;
        int head = region.u16(InflightLayout.SPLIT_LAST_BATCH_HEAD);
        for (int i = 0; i < batch && i < size && head < size; i++) {
            region.store8(state(head) + InflightLayout.INFLIGHT, 0);
            head = region.u16(state(head) + InflightLayout.SPLIT_NEXT);
        }
        region.store16(InflightLayout.SPLIT_USED_IDX, usedIndex);
    }

    private void initialize(int usedIndex) {
        for (int head = 0; head < size; head++) {
            region.store8(state(head) + InflightLayout.INFLIGHT, 0);
        }
        region.store16(InflightLayout.SPLIT_LAST_BATCH_HEAD, 0);
        region.store16(InflightLayout.SPLIT_USED_IDX, usedIndex);
        region.store16(InflightLayout.OFFSET_DESC_NUM, size);
        region.store16(InflightLayout.OFFSET_VERSION, InflightLayout.VERSION);
    }

    private static long state(int head) {
        return InflightLayout.SPLIT_STATES + (long) head * InflightLayout.SPLIT_STATE_BYTES;
    }
}
