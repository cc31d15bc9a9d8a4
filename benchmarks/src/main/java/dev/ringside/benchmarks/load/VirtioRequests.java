package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.testkit.queue.GuestRam;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The requests in a ring's slots, as the device reads and answers them. They are laid out once; for each request only what
 * differs from the slot's last one is written, in place. One thread; allocates nothing after the construction, but for words.
 */
abstract sealed class VirtioRequests permits BlkRequests, ScsiRequests {
    /** A cache line. */
    static final int LINE = 64;

    static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The longest that a kind needs for header and answer of a slot. */
    private static final int MOST_CONTROL = 3 * LINE;

    /** Header and answer of all slots. */
    final MemorySegment control;

    final boolean trim;
    private final MemorySegment data;

    /**
     * Takes memory for all slots, and describes them to the ring.
     *
     * @param stride bytes of header and answer of a slot
     * @param answerAt where in them the answer begins
     * @param trimBytes length of the data of a trim
     */
    VirtioRequests(GuestRam ram, SlotRing ring, Workload workload, int stride, int answerAt, int trimBytes) {
        this.trim = workload.pattern() == Pattern.TRIM;
        int depth = workload.depth();
        int dataStride = trim ? LINE : workload.blockSize();
        long controlAddress = ram.allocate((long) depth * stride, LINE);
        long dataAddress = ram.allocate((long) depth * dataStride, 4096);
        this.control = ram.at(controlAddress, (long) depth * stride);
        this.data = ram.at(dataAddress, (long) depth * dataStride);
        for (int slot = 0; slot < depth; slot++) {
            long line = controlAddress + (long) slot * stride;
            int bytes = trim ? trimBytes : workload.blockSize();
            ring.describe(slot, line, dataAddress + (long) slot * dataStride, bytes, line + answerAt);
        }
    }

    /** Bytes of guest memory that a queue takes, its ring not counted. */
    static long memoryBytes(Workload workload) {
        return (long) workload.depth() * (MOST_CONTROL + LINE + workload.blockSize()) + 3 * 4096;
    }

    /** The data of all slots. */
    final MemorySegment data() {
        return data;
    }

    /** Writes a request into its slot; parameters as {@link BlockPath#add}. */
    abstract void prepare(int slot, boolean read, long sector);

    /** As {@link RequestPath#succeeded}. */
    abstract boolean succeeded(int slot);

    /** As {@link RequestPath#failure}. */
    abstract String failure(int slot);
}
