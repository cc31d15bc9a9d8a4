package dev.ringside.benchmarks.load;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A queue of a device, with nothing of the block layer around it: requests are built before the run, and only posted and reaped
 * during it. What a driver offers so that {@code perf hw} can measure its devices. A request belongs to a slot, of whose requests
 * one at a time is in flight. One thread after another.
 */
interface HardwareQueue extends AutoCloseable {
    /** What {@link #reap} returns when no request has ended. */
    int NONE = RequestPath.NONE;

    /** Says where the data of a slot is, before its requests are built. */
    void describe(int slot, MemorySegment data);

    /**
     * Builds a request that moves the data of its slot.
     *
     * @param request which one, from 0
     * @param lba in logical blocks, as is {@code blocks}
     */
    void build(int request, int slot, boolean read, long lba, int blocks);

    /** Adds a request that was built, to be shown by the next {@link #ring}. */
    void post(int request);

    /** Shows the device what was posted. */
    void ring();

    /** Takes the end of a request: its slot, or {@link #NONE}. */
    int reap();

    /** Whether the request that was reaped last was carried out. */
    boolean succeeded();

    /** In words, what became of the request that was reaped last. */
    String failure();

    /** Gives the queue back to the device, with whatever is in it. */
    @Override
    void close() throws IOException;
}
