package dev.ringside.vhost.queue;

import org.jspecify.annotations.Nullable;

/**
 * Gives the requests of a queue back in the order in which they were taken, for a driver that was promised that
 * (VIRTIO_F_IN_ORDER; virtio 1.3, 2.7.9 and 2.8.7): one that ends early waits for those before it. Each has a used entry of its own,
 * although one for a whole batch would do. Owned by the queue's reactor; a queue without the promise has none.
 */
public final class CompletionOrder {
    /** A power of two, and not less than the requests that a queue has in flight. */
    private static final int CAPACITY = Virtqueue.MAX_IN_FLIGHT;

    private final @Nullable Chain[] waiting = new Chain[CAPACITY];
    private int oldest;
    private int next;

    /** Makes one for a queue with nothing in flight. */
    public CompletionOrder() {}

    /** A request has been taken from the ring, and will end. */
    public void taken(Chain chain) {
        chain.ended = false;
        waiting[next++ & CAPACITY - 1] = chain;
    }

    /** Whether a request has ended and waits for those before it. */
    public boolean holds(Chain chain) {
        return chain.ended;
    }

    /**
     * A request has ended: gives back what is in turn.
     *
     * @param written as {@link Virtqueue#complete} wants it
     */
    public void ended(Virtqueue queue, Chain chain, long written) {
        chain.ended = true;
        chain.usedLength = written;
        Chain first = waiting[oldest & CAPACITY - 1];
        while (first != null && first.ended) {
            waiting[oldest++ & CAPACITY - 1] = null;
            queue.complete(first, first.usedLength);
            first = waiting[oldest & CAPACITY - 1];
        }
    }
}
