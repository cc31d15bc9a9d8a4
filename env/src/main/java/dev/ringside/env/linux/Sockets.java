package dev.ringside.env.linux;

import dev.ringside.env.ffi.CConstants;

/** Constants of socket(2), unix(7), recvmsg(2). */
@CConstants
final class Sockets {
    static final int AF_UNIX = 1;
    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;

    static final int SOL_SOCKET = 1;
    static final int SO_RCVTIMEO = 20;
    static final int SO_SNDTIMEO = 21;
    static final int SO_PEERCRED = 17;
    static final int SO_ACCEPTCONN = 30;

    static final int SCM_RIGHTS = 1;
    static final int MSG_CMSG_CLOEXEC = 0x40000000;
    static final int MSG_CTRUNC = 8;
    static final int MSG_NOSIGNAL = 0x4000;

    static final int SHUT_RDWR = 2;

    private Sockets() {}
}
