package dev.ringside.env.uring;

/** Takes completions, on the thread that owns the ring. */
@FunctionalInterface
public interface CompletionHandler {
    /**
     * Tells of one finished operation. May prepare and submit others; may not reap.
     *
     * @param userData what was given when it was prepared
     * @param result what the system call of its name would return: bytes or 0, or -errno
     * @param flags IORING_CQE_F_*
     */
    void completed(long userData, int result, int flags);
}
