package dev.ringside.vhost.queue;

import dev.ringside.vhost.memory.MemoryCursor;
import java.util.function.Supplier;

/**
 * The device's side of a virtqueue. Takes requests from the ring, hands them to a {@link ChainHandler}, and gives them back
 * to the driver. Owned by one reactor; allocates nothing, and never throws for what a driver wrote: that breaks the queue
 * ({@link #error}), which then does nothing more until it is made anew.
 *
 * <p>Memory of the guest that is gone surfaces as {@link InternalError} from any method but the accessors.
 */
public abstract sealed class Virtqueue permits SplitVirtqueue {
    /** No error. */
    public static final int OK = 0;

    /** Most requests that a queue has in flight; what the driver adds beyond that waits in the ring. */
    private static final int MAX_IN_FLIGHT = 1024;

    /** Longest indirect chain, as Linux drivers may exceed the ring's size with these. */
    private static final int MAX_INDIRECT = 1024;

    private final Chain[] all;
    private final Chain[] free;
    private int freeCount;
    private MemoryCursor memory;
    private int error;
    final ChainParser parser;

    Virtqueue(int size, boolean indirect, MemoryCursor memory, Supplier<? extends Chain> chains) {
        this.memory = memory;
        this.free = new Chain[Math.min(size, MAX_IN_FLIGHT)];
        while (freeCount < free.length) {
            free[freeCount++] = chains.get();
        }
        this.all = free.clone();
        this.parser = new ChainParser(size, indirect ? Math.max(size, MAX_INDIRECT) : 0);
    }

    /**
     * Takes at most {@code budget} requests from the ring and starts them.
     *
     * @return how many
     */
    public abstract int drain(int budget, ChainHandler handler);

    /**
     * Gives a request back; the driver sees it with the next {@link #publish}.
     *
     * @param written bytes from the start of the writable buffers that the driver may look at
     */
    public abstract void complete(Chain chain, long written);

    /**
     * Shows the driver what was completed since the last call.
     *
     * @return whether the driver wants a signal for it
     */
    public abstract boolean publish();

    /** How many completed requests wait for {@link #publish}. */
    public abstract int unpublished();

    /**
     * Asks the driver for notifications.
     *
     * @return whether requests arrived that it may not have notified about: look before you sleep
     */
    public abstract boolean enableKicks();

    /** Tells the driver that notifications are not needed. */
    public abstract void disableKicks();

    /** The ring base as GET_VRING_BASE wants it: from where on requests have not been taken. */
    public abstract int base();

    /** Requests that were taken and not completed. */
    public final int inFlight() {
        return free.length - freeCount;
    }

    /** What broke the queue, as a {@link QueueError} code; {@link #OK} while it is whole. */
    public final int error() {
        return error;
    }

    /**
     * Breaks the queue. The first error stays, but for {@link QueueError#MEMORY_GONE}: memory that vanishes is often seen
     * as something else first, since the fault is reported after what was read has been looked at.
     */
    public final void fail(int code) {
        if (error == OK || code == QueueError.MEMORY_GONE.code()) {
            error = code;
        }
    }

    /** Takes a request back without an answer, when the queue is broken. */
    public final void abandon(Chain chain) {
        giveBack(chain);
    }

    final boolean hasFree() {
        return freeCount > 0;
    }

    final MemoryCursor memory() {
        return memory;
    }

    /** Later requests use another generation of the memory map. */
    final void useMemory(MemoryCursor next) {
        memory.retire();
        memory = next;
    }

    /**
     * Lets go of the memory map; the ring must not be touched afterwards. No request is with the device: those that are
     * still missing were lost to an access that found no memory.
     */
    public final void close() {
        for (Chain chain : all) {
            if (chain.memory != null) {
                giveBack(chain);
            }
        }
        memory.retire();
    }

    final Chain take(int head) {
        Chain chain = free[--freeCount];
        chain.head = head;
        chain.memory = memory;
        memory.pin();
        return chain;
    }

    final void giveBack(Chain chain) {
        MemoryCursor pinned = chain.memory;
        if (pinned == null) {
            throw new IllegalStateException("a request was completed twice");
        }
        chain.memory = null;
        pinned.unpin();
        free[freeCount++] = chain;
    }
}
