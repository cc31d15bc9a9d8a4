package dev.ringside.benchmarks.load;

/**
 * What a loop keeps in flight: the requests of one queue, in slots of which each has one at a time. Belongs to one thread;
 * allocates nothing after the construction, but for words about what went wrong.
 *
 * <p>An abstract class and not an interface, so that the calls of the measured loop need no check of the type while one kind
 * is loaded.
 */
public abstract sealed class LoadQueue permits ChosenRequests, BuiltRequests {
    private final RequestPath path;
    private final int depth;
    private final Findings findings = new Findings();

    LoadQueue(RequestPath path, int depth) {
        this.path = path;
        this.depth = depth;
    }

    /** The way that the requests go. */
    final RequestPath path() {
        return path;
    }

    /** How many slots there are. */
    final int depth() {
        return depth;
    }

    /** What went wrong. */
    final Findings findings() {
        return findings;
    }

    /** Adds the next request of the load in a slot. */
    abstract void start(int slot);

    /** Looks at how a request ended. */
    abstract void finish(int slot);

    /** Adds a request for a block that {@link #next} gave, in a slot. */
    abstract void start(int slot, long block, boolean read);

    /**
     * The first block from a given one on that is to be written when the whole range is, or to be read back in the end.
     *
     * @return {@link BlockLedger#END} if there is none
     */
    abstract long next(long from, boolean read);
}
