package dev.ringside.env.linux;

import dev.ringside.env.ffi.CExpression;

/** The numbers of the system calls that {@link Kernel} makes (x86-64). */
final class Sys {
    @CExpression("SYS_close")
    static final int CLOSE = 3;

    @CExpression("SYS_fcntl")
    static final int FCNTL = 72;

    @CExpression("SYS_memfd_create")
    static final int MEMFD_CREATE = 319;

    @CExpression("SYS_ftruncate")
    static final int FTRUNCATE = 77;

    @CExpression("SYS_mmap")
    static final int MMAP = 9;

    @CExpression("SYS_munmap")
    static final int MUNMAP = 11;

    @CExpression("SYS_madvise")
    static final int MADVISE = 28;

    @CExpression("SYS_eventfd2")
    static final int EVENTFD2 = 290;

    @CExpression("SYS_read")
    static final int READ = 0;

    @CExpression("SYS_write")
    static final int WRITE = 1;

    @CExpression("SYS_epoll_create1")
    static final int EPOLL_CREATE1 = 291;

    @CExpression("SYS_epoll_ctl")
    static final int EPOLL_CTL = 233;

    @CExpression("SYS_epoll_pwait2")
    static final int EPOLL_PWAIT2 = 441;

    @CExpression("SYS_socket")
    static final int SOCKET = 41;

    @CExpression("SYS_socketpair")
    static final int SOCKETPAIR = 53;

    @CExpression("SYS_bind")
    static final int BIND = 49;

    @CExpression("SYS_listen")
    static final int LISTEN = 50;

    @CExpression("SYS_accept4")
    static final int ACCEPT4 = 288;

    @CExpression("SYS_connect")
    static final int CONNECT = 42;

    @CExpression("SYS_fchmodat")
    static final int FCHMODAT = 268;

    @CExpression("SYS_recvmsg")
    static final int RECVMSG = 47;

    @CExpression("SYS_sendmsg")
    static final int SENDMSG = 46;

    @CExpression("SYS_setsockopt")
    static final int SETSOCKOPT = 54;

    @CExpression("SYS_getsockopt")
    static final int GETSOCKOPT = 55;

    @CExpression("SYS_shutdown")
    static final int SHUTDOWN = 48;

    @CExpression("SYS_openat")
    static final int OPENAT = 257;

    @CExpression("SYS_statx")
    static final int STATX = 332;

    @CExpression("SYS_ioctl")
    static final int IOCTL = 16;

    @CExpression("SYS_fallocate")
    static final int FALLOCATE = 285;

    @CExpression("SYS_fdatasync")
    static final int FDATASYNC = 75;

    @CExpression("SYS_pread64")
    static final int PREAD64 = 17;

    @CExpression("SYS_pwrite64")
    static final int PWRITE64 = 18;

    @CExpression("SYS_flock")
    static final int FLOCK = 73;

    @CExpression("SYS_sched_setaffinity")
    static final int SCHED_SETAFFINITY = 203;

    @CExpression("SYS_sched_getaffinity")
    static final int SCHED_GETAFFINITY = 204;

    @CExpression("SYS_gettid")
    static final int GETTID = 186;

    private Sys() {}
}
