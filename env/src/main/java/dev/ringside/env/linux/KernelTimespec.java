package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;

/**
 * The time-out of epoll_pwait2(2).
 *
 * <pre>
 *  0         8         16
 * +---------+----------+
 * | sec     | nsec     |
 * +---------+----------+
 * </pre>
 */
@CStruct("struct __kernel_timespec")
final class KernelTimespec {
    static final int TV_SEC = 0;
    static final int TV_NSEC = 8;
    static final int SIZE = 16;

    private KernelTimespec() {}
}
