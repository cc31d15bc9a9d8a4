package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;

/**
 * What recvmsg(2) and sendmsg(2) take.
 *
 * <pre>
 *  0        8            16       24          32           40              48      52
 * +--------+-------+----+--------+-----------+------------+---------------+-------+----+
 * | name   |namelen| -- | iov    | iovlen    | control    | controllen    | flags | -- |
 * +--------+-------+----+--------+-----------+------------+---------------+-------+----+
 * </pre>
 */
@CStruct("struct msghdr")
final class MsgHdr {
    static final int MSG_NAME = 0;
    static final int MSG_NAMELEN = 8;
    static final int MSG_IOV = 16;
    static final int MSG_IOVLEN = 24;
    static final int MSG_CONTROL = 32;
    static final int MSG_CONTROLLEN = 40;
    static final int MSG_FLAGS = 48;
    static final int SIZE = 56;

    private MsgHdr() {}
}
