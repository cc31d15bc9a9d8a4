package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;

/**
 * Who is at the other end of a UNIX socket (SO_PEERCRED).
 *
 * <pre>
 *  0     4     8    12
 * +-----+-----+-----+
 * | pid | uid | gid |
 * +-----+-----+-----+
 * </pre>
 */
@CStruct("struct ucred")
final class Ucred {
    static final int PID = 0;
    static final int UID = 4;
    static final int GID = 8;
    static final int SIZE = 12;

    private Ucred() {}
}
