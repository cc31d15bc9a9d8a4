package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;

/**
 * One piece of control data (cmsg(3)); the next one begins at the next multiple of 8.
 *
 * <pre>
 *  0          8       12     16
 * +----------+-------+------+---------------
 * | len      | level | type | data ...
 * +----------+-------+------+---------------
 * </pre>
 */
@CStruct("struct cmsghdr")
final class CmsgHdr {
    static final int CMSG_LEN = 0;
    static final int CMSG_LEVEL = 8;
    static final int CMSG_TYPE = 12;
    static final int SIZE = 16;

    private CmsgHdr() {}
}
