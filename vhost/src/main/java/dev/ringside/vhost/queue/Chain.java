package dev.ringside.vhost.queue;

import dev.ringside.bdev.ScatterList;
import dev.ringside.vhost.memory.DirtyLog;
import dev.ringside.vhost.memory.MemoryCursor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A request that was taken from a ring: the buffers of its descriptors, translated. Devices extend it by what they need for
 * a request. Preallocated and reused for ever; owned by the queue's reactor.
 */
public abstract class Chain {
    private static final int USUAL_EXTENTS = 16;

    private final ScatterList readable = new ScatterList(USUAL_EXTENTS);
    private final ScatterList writable = new ScatterList(USUAL_EXTENTS);
    /** Head descriptor of a split ring, or buffer id of a packed one. */
    int head;
    /** Entries of a packed ring that the chain takes. */
    int descriptors;
    /** First state of the chain in the in-flight region of a packed ring. */
    int state;
    /** Buffers of the chain, empty ones among them. */
    int buffers;
    /** Whether it has ended and waits for its turn, and what is to be given back then; see {@link CompletionOrder}. */
    boolean ended;

    long usedLength;
    /** Whether a writable buffer has been seen while the chain is parsed. */
    boolean writing;

    @Nullable
    MemoryCursor memory;

    /** Guest-physical addresses and lengths of the writable buffers, for the log of a migration. */
    private long[] written = new long[2 * USUAL_EXTENTS];

    private int writtenCount;

    /** Makes one for a pool. */
    protected Chain() {}

    /** What the device may read, in order. The device may take bytes off its ends. */
    public final ScatterList readable() {
        return readable;
    }

    /** What the device may write, in order. The device may take bytes off its ends. */
    public final ScatterList writable() {
        return writable;
    }

    /** How many buffers the driver made the request of. */
    public final int buffers() {
        return buffers;
    }

    final void begin() {
        readable.clear();
        writable.clear();
        buffers = 0;
        writing = false;
        writtenCount = 0;
    }

    final void addWritable(long address, long length) {
        if (writtenCount == written.length) {
            written = Arrays.copyOf(written, 2 * written.length);
        }
        written[writtenCount++] = address;
        written[writtenCount++] = length;
    }

    final void log(DirtyLog dirty) {
        for (int i = 0; i < writtenCount; i += 2) {
            dirty.mark(written[i], written[i + 1]);
        }
    }
}
