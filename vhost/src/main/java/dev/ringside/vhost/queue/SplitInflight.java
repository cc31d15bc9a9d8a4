package dev.ringside.vhost.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Tracks the requests in flight of a split ring in memory that outlives this process. Each step leaves the region so that a
 * successor neither loses a request nor reports one twice. The front end can write the region: nothing in it is trusted,
 * and what is wrong in it harms that front end's own queue only. Owned by the queue's reactor.
 *
 * <p>The order of the stores is the meaning of this class; they are opaque or release, so that the compiler keeps it, as
 * the processor does.
 */
final class SplitInflight {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = U16.varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    private final MemorySegment region;
    private final int size;
    private long counter;
    private boolean resumed;

    /**
     * Attaches to a region.
     *
     * @param region at least {@link InflightLayout#bytes} long, aligned to 8 bytes
     */
    SplitInflight(MemorySegment region, int size) {
        this.region = region;
        this.size = size;
    }

    /**
     * Takes over what the region says, or makes it ready if nobody has used it yet.
     *
     * @param usedIndex the index of the used ring, 16 bits
     * @return the heads of the requests that were in flight, oldest first
     */
    int[] recover(int usedIndex) {
        int version = u16(InflightLayout.OFFSET_VERSION);
        if (version != InflightLayout.VERSION || u16(InflightLayout.OFFSET_DESC_NUM) != size) {
            initialize(usedIndex);
            return new int[0];
        }
        resumed = true;
        finishBatch(usedIndex);
        int[] heads = IntStream.range(0, size)
                .filter(head -> (byte) BYTE.getOpaque(region, state(head) + InflightLayout.INFLIGHT) != 0)
                .boxed()
                .sorted(Comparator.comparing(this::counterOf, Long::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        counter = Arrays.stream(heads).mapToLong(this::counterOf).reduce(0, (a, b) -> b) + 1;
        return heads;
    }

    /** Whether {@link #recover} found a region in use. */
    boolean resumed() {
        return resumed;
    }

    /** A request has been taken from the available ring. */
    void taken(int head) {
        long state = state(head);
        LONG.setOpaque(region, state + InflightLayout.COUNTER, counter++);
        BYTE.setRelease(region, state + InflightLayout.INFLIGHT, (byte) 1);
    }

    /** A request has been completed and will be published with the batch. */
    void completed(int head) {
        short last = (short) SHORT.getOpaque(region, (long) InflightLayout.SPLIT_LAST_BATCH_HEAD);
        SHORT.setOpaque(region, state(head) + InflightLayout.SPLIT_NEXT, last);
        SHORT.setRelease(region, (long) InflightLayout.SPLIT_LAST_BATCH_HEAD, (short) head);
    }

    /** The batch has been published: the used ring has this index. */
    void published(int usedIndex) {
        finishBatch(usedIndex);
    }

    /** The ring has been stopped with nothing in flight; it may begin anew at any index. */
    void stopped() {
        SHORT.setRelease(region, (long) InflightLayout.OFFSET_VERSION, (short) 0);
    }

    /** Forgets the requests between the index that the region knows and the one that the driver sees. */
    private void finishBatch(int usedIndex) {
        int batch = usedIndex - u16(InflightLayout.SPLIT_USED_IDX) & 0xffff;
        int head = u16(InflightLayout.SPLIT_LAST_BATCH_HEAD);
        for (int i = 0; i < batch && i < size && head < size; i++) {
            BYTE.setRelease(region, state(head) + InflightLayout.INFLIGHT, (byte) 0);
            head = Short.toUnsignedInt((short) SHORT.getOpaque(region, state(head) + InflightLayout.SPLIT_NEXT));
        }
        SHORT.setRelease(region, (long) InflightLayout.SPLIT_USED_IDX, (short) usedIndex);
    }

    private void initialize(int usedIndex) {
        for (int head = 0; head < size; head++) {
            BYTE.setOpaque(region, state(head) + InflightLayout.INFLIGHT, (byte) 0);
        }
        SHORT.setOpaque(region, (long) InflightLayout.SPLIT_LAST_BATCH_HEAD, (short) 0);
        SHORT.setOpaque(region, (long) InflightLayout.SPLIT_USED_IDX, (short) usedIndex);
        SHORT.setOpaque(region, (long) InflightLayout.OFFSET_DESC_NUM, (short) size);
        SHORT.setRelease(region, (long) InflightLayout.OFFSET_VERSION, (short) InflightLayout.VERSION);
    }

    private long counterOf(int head) {
        return (long) LONG.getOpaque(region, state(head) + InflightLayout.COUNTER);
    }

    private int u16(int offset) {
        return Short.toUnsignedInt((short) SHORT.getOpaque(region, (long) offset));
    }

    private static long state(int head) {
        return InflightLayout.SPLIT_STATES + (long) head * InflightLayout.SPLIT_STATE_BYTES;
    }
}
