package dev.ringside.bdev.scsi.mpt;

import java.lang.foreign.MemorySegment;

/** A queue as the control plane uses it, one request at a time. */
public interface ControlRequests {

    /** The frame for a request, zeroed but for what any request says; the control plane's until {@link #post}. */
    MemorySegment controlFrame(int function);

    /** Gives the request to the IOC; while no other thread is in the queue. */
    void post();

    /** Whether the request was answered; any thread. */
    boolean answered();

    /** The answer, as long as the longest; the control plane's until the next request. */
    MemorySegment answer();
}
