package dev.ringside.env.linux;

import dev.ringside.env.ffi.CStruct;

/**
 * The address of a UNIX socket (unix(7)): the family, then a path that ends with a zero byte.
 *
 * <pre>
 *  0        2                       110
 * +--------+-------------------------+
 * | family | path                    |
 * +--------+-------------------------+
 * </pre>
 */
@CStruct("struct sockaddr_un")
final class SockaddrUn {
    static final int SUN_FAMILY = 0;
    static final int SUN_PATH = 2;
    static final int SIZE = 110;

    private SockaddrUn() {}
}
