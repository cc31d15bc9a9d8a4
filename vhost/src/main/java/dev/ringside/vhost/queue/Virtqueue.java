package dev.ringside.vhost.queue;

import dev.ringside.env.linux.MemoryFault;
import dev.ringside.vhost.memory.MemoryCursor;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The device's side of a virtqueue. Takes requests from the ring, hands them to a {@link ChainHandler}, and gives them back
 * to the driver. Owned by one reactor; allocates nothing, and never throws for what a driver wrote: that breaks the queue
 * ({@link #error}), which then does nothing more until it is made anew.
 *
 * <p>Memory of the guest that is gone surfaces as {@link InternalError} from any method but the accessors.
 */
public abstract sealed class Virtqueue permits SplitVirtqueue, PackedVirtqueue {
    /** No error. */
    public static final int OK = 0;

    /** Most requests that a queue has in flight; what the driver adds beyond that waits in the ring. */
    static final int MAX_IN_FLIGHT = 1024;

    /**
     * After so many descriptors a {@link #drain} takes no further request: counted by requests alone, one driver's turn
     * could be a hundred times as long as another's.
     */
    static final int DESCRIPTORS_PER_TURN = 1024;

    /** What a request that waits in the ring for room in the heap comes back with; no {@link QueueError} has this code. */
    static final int NO_ROOM = -1;

    /** Requests that a queue can have in flight however little room there is. */
    static final int LEAST_CHAINS = 16;

    private final Supplier<? extends Chain> maker;
    private final ChainBudget.Share share;
    /** The pool: those that were made so far, and those of them that are free. */
    private final @Nullable Chain[] all;

    private final @Nullable Chain[] free;
    private int made;
    private int freeCount;
    private MemoryCursor memory;
    private @Nullable WriteLog log;
    private int error;
    /** What names the requests that a predecessor had in flight, oldest first, and the next of them to start. */
    private int[] recovered = {};

    private int nextRecovered;
    /** Whether the next of them found no room. */
    private boolean recoveredWaits;
    /** Requests in flight that were left to whoever serves the ring next. */
    private int left;
    /** Who times the requests; null: nobody does. */
    private @Nullable QueueTimes times;

    Virtqueue(int size, MemoryCursor memory, ChainSource chains) {
        this.memory = memory;
        this.maker = chains.maker();
        this.share = chains.share();
        this.all = new Chain[Math.min(size, MAX_IN_FLIGHT)];
        this.free = new Chain[all.length];
    }

    /**
     * Takes at most {@code budget} requests from the ring and starts them; fewer if they have very many descriptors.
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

    /** Whether there are requests in the ring that have not been taken; looks at it. */
    public abstract boolean hasMore();

    /** Goes on with another generation of the memory map, in which the ring may be mapped elsewhere. */
    public abstract void remap(RingParts parts, MemoryCursor memory);

    /** The ring base as GET_VRING_BASE wants it: from where on requests have not been taken. */
    public abstract int base();

    /** Requests that were taken, by this queue or by a predecessor that was killed, and not completed. */
    public final int inFlight() {
        return made - freeCount + recovered.length - nextRecovered;
    }

    /**
     * Starts the requests that a predecessor had in flight, in the order in which it took them. To be called until {@link
     * #inFlight} has none of them left, whether or not new requests are to be taken.
     *
     * @return how many were started
     */
    public final int resubmit(int budget, ChainHandler handler) {
        int started = 0;
        while (nextRecovered < recovered.length && started < budget && hasFree() && error == OK) {
            Chain chain = take();
            int name = recovered[nextRecovered++];
            int status = parseRecovered(name, chain);
            if (status == NO_ROOM) {
                status = parseLonger(name, chain, true);
            }
            if (status == OK) {
                status = handler.handle(chain);
            }
            if (status != OK) {
                refuse(chain, status);
            }
            recoveredWaits = status == NO_ROOM;
            if (recoveredWaits) {
                nextRecovered--;
                break;
            }
            started++;
        }
        return started;
    }

    /** Whether a request that a predecessor had in flight waits for room that another queue holds: look again, do not sleep. */
    public final boolean awaitsRoom() {
        return recoveredWaits && nextRecovered < recovered.length;
    }

    /** Fills a chain with a request of the ring: of its head, or of its first entry. Returns as {@link #parseRecovered}. */
    abstract int parse(int where, Chain chain);

    /**
     * Fills a chain with a request that was in flight; returns {@link #OK}, a {@link QueueError} code, or {@link #NO_ROOM} if
     * it is longer than the chain's lists.
     */
    abstract int parseRecovered(int name, Chain chain);

    /**
     * The ring has been stopped by its front end, with nothing in flight.
     *
     * @param anew whether a successor begins where its front end says, rather than where the in-flight region does
     */
    public abstract void stopped(boolean anew);

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
            nextRecovered = recovered.length;
        }
    }

    /**
     * Takes a request back without an answer, when the queue is broken; one that has been given back stays so, since an
     * access that found no memory may be reported after {@link #complete} has done its work.
     */
    public final void abandon(Chain chain) {
        if (chain.memory != null) {
            giveBack(chain);
        }
    }

    /** Whether requests in flight are tracked in memory that outlives the queue. */
    public abstract boolean tracks();

    /** Leaves a request in flight to whoever serves the ring next, who finds it in the in-flight region. */
    public final void suspend(Chain chain) {
        giveBack(chain);
        left++;
    }

    /** Leaves the requests that a predecessor had in flight, as far as they were not started, to the next one. */
    public final void suspendRecovered() {
        left += recovered.length - nextRecovered;
        nextRecovered = recovered.length;
    }

    /** Whether a request was left to whoever serves the ring next. */
    public final boolean leavesRequests() {
        return left > 0;
    }

    /** Does something with each request that was taken and not given back; it may give it back. */
    public final void forEachInFlight(Consumer<Chain> work) {
        for (Chain chain : all) {
            if (chain != null && chain.memory != null) {
                work.accept(chain);
            }
        }
    }

    /** Reports what is written from now on to a log; null: to none. */
    public final void useLog(@Nullable WriteLog next) {
        log = next;
    }

    /**
     * Times the requests that are taken from now on.
     *
     * @param device who handles them; null: they are not timed
     */
    public final void time(@Nullable ChainHandler device) {
        if (device == null) {
            times = null;
        } else if (times == null) {
            times = new QueueTimes(this, device);
        }
    }

    /** Who times the requests; null if they are not timed. */
    public final @Nullable QueueTimes times() {
        return times;
    }

    /** Takes note of a request that is given back. */
    final void ended(Chain chain) {
        QueueTimes timed = times;
        if (timed != null) {
            timed.ended(chain);
        }
    }

    final @Nullable WriteLog log() {
        return log;
    }

    final void recover(int[] names) {
        recovered = names;
    }

    final boolean hasFree() {
        return freeCount > 0 || makeMore();
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
            if (chain != null) {
                if (chain.memory != null) {
                    giveBack(chain);
                }
                share.give(chain.paid + Chain.USUAL_BYTES);
            }
        }
        Arrays.fill(all, null);
        made = 0;
        freeCount = 0;
        memory.close();
    }

    /** Takes a chain from the pool, which {@linkplain #hasFree has one}. */
    final Chain take() {
        Chain chain = Objects.requireNonNull(free[--freeCount]);
        chain.memory = memory;
        memory.pin();
        return chain;
    }

    /** Makes the pool twice as large, if it may be; it begins when the first request comes. */
    private boolean makeMore() {
        MemoryFault.settle();
        int more = Math.min(made == 0 ? LEAST_CHAINS : made, all.length - made);
        long bytes = (long) more * Chain.USUAL_BYTES;
        if (made == 0) {
            share.takeAnyway(bytes);
        } else if (more == 0 || !share.take(bytes)) {
            return false;
        }
        for (int i = 0; i < more; i++) {
            Chain chain = maker.get();
            all[made++] = chain;
            free[freeCount++] = chain;
        }
        return true;
    }

    /**
     * Fills a chain again that had no room for a request, with lists that may grow, if that can be paid for or borrowed.
     *
     * @return as {@link #parseRecovered}; {@link #NO_ROOM}: the request has to wait
     */
    final int parseLonger(int where, Chain chain, boolean predecessors) {
        if (share.isShort()) {
            if (!share.borrow()) {
                return NO_ROOM;
            }
            chain.borrowed = true;
        }
        chain.grown = true;
        chain.mayGrow(true);
        try {
            int status = predecessors ? parseRecovered(where, chain) : parse(where, chain);
            return status == NO_ROOM ? QueueError.CHAIN_TOO_LONG.code() : status;
        } finally {
            chain.mayGrow(false);
            if (!chain.borrowed) {
                share.takeAnyway(chain.room() - chain.paid);
                chain.paid = chain.room();
            }
        }
    }

    /** Takes back a chain whose request is not started; breaks the queue unless the request only has to wait. */
    final void refuse(Chain chain, int status) {
        giveBack(chain);
        if (status != NO_ROOM) {
            fail(status);
        }
    }

    private void shrink(Chain chain) {
        if (chain.borrowed || chain.paid > Chain.KEPT_ROOM || share.isShort()) {
            chain.shrink();
            chain.grown = false;
            share.give(chain.paid);
            chain.paid = 0;
            if (chain.borrowed) {
                chain.borrowed = false;
                share.repay();
            }
        }
    }

    final void giveBack(Chain chain) {
        MemoryCursor pinned = Objects.requireNonNull(chain.memory, "a request was completed twice");
        if (pinned.retired() || chain.grown) {
            // A fault that came in here would keep for ever what the last of a map, or a long chain, gives back.
            MemoryFault.settle();
        }
        chain.memory = null;
        pinned.unpin();
        if (chain.grown) {
            shrink(chain);
        }
        free[freeCount++] = chain;
    }
}
