package dev.ringside.vhost.queue;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the heap all queues together may use for requests, so that no guest can use it up. Any thread; queues ask it
 * when they grow, which is rare, and never for a usual request.
 */
public final class ChainBudget {
    private final AtomicLong left;

    /** Makes one of so many bytes; what queues have at least is taken from it too, but not refused when nothing is left. */
    public ChainBudget(long bytes) {
        this.left = new AtomicLong(bytes);
    }

    /** A quarter of the heap. */
    public static ChainBudget ofHeap() {
        return new ChainBudget(Runtime.getRuntime().maxMemory() / 4);
    }

    /** Bytes that nobody holds; negative where queues had to be given what they have at least. */
    public long left() {
        return left.get();
    }

    /** Makes the share of a controller, with nothing in it. */
    public Share share() {
        return new Share();
    }

    /**
     * What the queues of one controller hold together. It grows until it is as large as what is left for all others: the
     * greediest have half of the budget, and nobody finds nothing.
     */
    public final class Share {
        private final AtomicLong held = new AtomicLong();
        private final AtomicBoolean lent = new AtomicBoolean();

        private Share() {}

        /** Bytes that the queues hold. */
        public long held() {
            return held.get();
        }

        /** Whether a request as long as any may not be paid for. */
        boolean isShort() {
            return !allows(Chain.MOST_ROOM, left.get());
        }

        /** Takes some bytes, unless the share would be too large. */
        boolean take(long bytes) {
            synchronized (ChainBudget.this) {
                boolean allowed = allows(bytes, left.get());
                if (allowed) {
                    takeAnyway(bytes);
                }
                return allowed;
            }
        }

        /** Takes what must not be refused. */
        void takeAnyway(long bytes) {
            left.addAndGet(-bytes);
            held.addAndGet(bytes);
        }

        /** Gives some bytes back. */
        void give(long bytes) {
            held.addAndGet(-bytes);
            left.addAndGet(bytes);
        }

        /**
         * Lends room for one request that cannot be paid for, so that even the longest has its turn some day; to be given back
         * by {@link #repay} before it is lent again.
         */
        boolean borrow() {
            return lent.compareAndSet(false, true);
        }

        void repay() {
            lent.set(false);
        }

        private boolean allows(long bytes, long of) {
            return held.get() + bytes <= of - bytes;
        }
    }
}
