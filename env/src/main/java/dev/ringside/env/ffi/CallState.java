package dev.ringside.env.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where a system call leaves its errno. An object on the data plane owns one per thread that uses it, so that a call
 * allocates nothing; everything else uses the calling thread's.
 */
public final class CallState {
    private static final ThreadLocal<CallState> OF_THREAD = ThreadLocal.withInitial(CallState::new);

    /** The layout has one member, errno, because that is all that is captured. */
    private final MemorySegment captured = Arena.ofAuto().allocate(Linker.Option.captureStateLayout());

    /** Allocates the few bytes; they are freed with this object. */
    public CallState() {}

    /** {@return the state of the calling thread} */
    public static CallState ofThread() {
        return OF_THREAD.get();
    }

    MemorySegment captured() {
        return captured;
    }

    int errno() {
        return captured.get(ValueLayout.JAVA_INT, SystemCall.ERRNO_OFFSET);
    }
}
