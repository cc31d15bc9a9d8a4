package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;

/**
 * The time-outs of a socket (SO_RCVTIMEO).
 *
 * <pre>
 *  0         8         16
 * +---------+----------+
 * | sec     | usec     |
 * +---------+----------+
 * </pre>
 */
@CStruct("struct timeval")
final class Timeval {
    static final int TV_SEC = 0;
    static final int TV_USEC = 8;
    static final int SIZE = 16;

    private Timeval() {}
}
