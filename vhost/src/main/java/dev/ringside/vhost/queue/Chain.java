package dev.ringside.vhost.queue;

import dev.ringside.bdev.BdevIo;
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
    /** More than the longest chain has where each of its buffers goes on in a second region of memory. */
    private static final int MOST_EXTENTS = 2048;

    /** Bytes of heap for an extent: in a list, in the log's list, in a part of a split request, in a device's own lists. */
    private static final int EXTENT_BYTES = 96;

    /** Bytes of heap for a chain that has not grown, with what a device adds to it. */
    static final int USUAL_BYTES = 2688;

    /** The most that a chain can grow by, in bytes. */
    static final int MOST_ROOM = (MOST_EXTENTS - USUAL_EXTENTS) * 2 * EXTENT_BYTES;

    /** Up to here a chain stays as long as it has grown, in bytes: 256 extents in both lists. */
    static final int KEPT_ROOM = (256 - USUAL_EXTENTS) * 2 * EXTENT_BYTES;

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

    /** Whether its lists are longer than those of a new one. */
    boolean grown;
    /** What was paid for that, in bytes, unless it is borrowed. */
    int paid;

    boolean borrowed;

    /** Who times it; see {@link QueueTimes}, whose are the next three. */
    @Nullable
    QueueTimes timedBy;

    long lookedNs;
    long pollDelayNs;
    long ringNs;

    /** Guest-physical addresses and lengths of the writable buffers, for the log of a migration. */
    private long[] written = new long[2 * USUAL_EXTENTS];

    private int writtenCount;

    /** Makes one for a pool. */
    protected Chain() {
        mayGrow(false);
    }

    /** What the device may read, in order. The device may take bytes off its ends. */
    public final ScatterList readable() {
        return readable;
    }

    /** What the device may write, in order. The device may take bytes off its ends. */
    public final ScatterList writable() {
        return writable;
    }

    /** What carries the request out on a disk, if there is anything. */
    public @Nullable BdevIo io() {
        return null;
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
            // No longer than the list of the same buffers, which was paid for.
            written = Arrays.copyOf(written, 2 * writable.capacity());
        }
        written[writtenCount++] = address;
        written[writtenCount++] = length;
    }

    /** Lets the lists grow, or refuse what they have no room for. */
    final void mayGrow(boolean on) {
        int most = on ? MOST_EXTENTS : 0;
        readable.limit(most);
        writable.limit(most);
    }

    /** By how many bytes the lists have grown. */
    final int room() {
        return (readable.capacity() + writable.capacity() - 2 * USUAL_EXTENTS) * EXTENT_BYTES;
    }

    /** Makes the lists as short as those of a new chain, and empty. */
    final void shrink() {
        readable.trim(USUAL_EXTENTS);
        writable.trim(USUAL_EXTENTS);
        written = new long[2 * USUAL_EXTENTS];
        writtenCount = 0;
        trim(USUAL_EXTENTS);
    }

    /**
     * Has a device let go of the room that its own lists have for more than so many extents: the request is given back, and
     * heap is short or it was a long one. Lists that hold no more than the request's own are paid for.
     */
    protected void trim(int extents) {
        // Most devices have no lists of their own.
    }

    final void log(DirtyLog dirty) {
        for (int i = 0; i < writtenCount; i += 2) {
            dirty.mark(written[i], written[i + 1]);
        }
    }
}
