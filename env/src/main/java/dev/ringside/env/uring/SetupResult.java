package dev.ringside.env.uring;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.uring.UringLayout.Constants;
import dev.ringside.env.uring.UringLayout.Cqe;
import dev.ringside.env.uring.UringLayout.Params;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A new ring, and what io_uring_setup(2) told of it: sizes, and the offsets of the shared fields in the mapped rings. */
record SetupResult(
        Fd fd,
        int sqEntries,
        int cqEntries,
        boolean singleMapping,
        int sqHead,
        int sqTail,
        int sqFlags,
        int sqArray,
        int cqHead,
        int cqTail,
        int cqCqes) {

    /** Makes a ring with room for at least so many submissions, or as many as the kernel allows. */
    static SetupResult create(int entries) throws LinuxException {
        // The owner polls, so a completion need not interrupt it: the kernel sets a flag instead, which reap() looks
        // at.
        int cooperative = Constants.IORING_SETUP_COOP_TASKRUN | Constants.IORING_SETUP_TASKRUN_FLAG;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params = arena.allocate(Params.SIZE, Long.BYTES);
            params.set(ValueLayout.JAVA_INT, Params.FLAGS, Constants.IORING_SETUP_CLAMP | cooperative);
            int result = UringCalls.setup(entries, params.address());
            if (result == -Errno.EINVAL) { // before Linux 5.19
                params.fill((byte) 0);
                params.set(ValueLayout.JAVA_INT, Params.FLAGS, Constants.IORING_SETUP_CLAMP);
                result = UringCalls.setup(entries, params.address());
            }
            if (result < 0) {
                throw failure(-result);
            }
            return of(Fd.adopt(result), params);
        }
    }

    private static SetupResult of(Fd fd, MemorySegment params) {
        return new SetupResult(
                fd,
                params.get(ValueLayout.JAVA_INT, Params.SQ_ENTRIES),
                params.get(ValueLayout.JAVA_INT, Params.CQ_ENTRIES),
                (params.get(ValueLayout.JAVA_INT, Params.FEATURES) & Constants.IORING_FEAT_SINGLE_MMAP) != 0,
                params.get(ValueLayout.JAVA_INT, Params.SQ_HEAD),
                params.get(ValueLayout.JAVA_INT, Params.SQ_TAIL),
                params.get(ValueLayout.JAVA_INT, Params.SQ_FLAGS),
                params.get(ValueLayout.JAVA_INT, Params.SQ_ARRAY),
                params.get(ValueLayout.JAVA_INT, Params.CQ_HEAD),
                params.get(ValueLayout.JAVA_INT, Params.CQ_TAIL),
                params.get(ValueLayout.JAVA_INT, Params.CQ_CQES));
    }

    static LinuxException failure(int errno) {
        String advice = switch (errno) {
            case Errno.EPERM ->
                "io_uring is switched off for this process, by the sysctl kernel.io_uring_disabled or by a"
                        + " container's seccomp filter";
            case Errno.ENOSYS -> "this kernel is built without io_uring";
            case Errno.ENOMEM -> "the limit of locked memory (ulimit -l) is too low for the rings";
            default -> "";
        };
        return new LinuxException("io_uring_setup", "", errno, advice);
    }

    /** The bytes of the submission ring. */
    long sqRingSize() {
        return sqArray + (long) sqEntries * Integer.BYTES;
    }

    /** The bytes of the completion ring. */
    long cqRingSize() {
        return cqCqes + (long) cqEntries * Cqe.SIZE;
    }
}
