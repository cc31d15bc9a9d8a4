package dev.ringside.env.linux;

import dev.ringside.env.ffi.CConstants;

/** Constants of open(2), fcntl(2), flock(2), statx(2), the block ioctls and eventfd(2). */
@CConstants
final class Fcntl {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_DIRECT = 0x4000;
    static final int O_CLOEXEC = 0x80000;
    static final int O_NONBLOCK = 0x800;

    static final int F_DUPFD_CLOEXEC = 0x406;
    static final int F_GETFL = 3;
    static final int F_SETFL = 4;
    static final int F_ADD_SEALS = 0x409;
    static final int F_GET_SEALS = 0x40a;
    static final int F_SEAL_SHRINK = 2;

    static final int AT_FDCWD = -100;
    static final int AT_EMPTY_PATH = 0x1000;

    static final int LOCK_SH = 1;
    static final int LOCK_EX = 2;
    static final int LOCK_NB = 4;
    static final int LOCK_UN = 8;

    static final int S_IFMT = 0xf000;
    static final int S_IFREG = 0x8000;
    static final int S_IFBLK = 0x6000;

    static final int STATX_BASIC_STATS = 0x7ff;
    static final int STATX_DIOALIGN = 0x2000;

    static final int BLKGETSIZE64 = 0x80081272;
    static final int BLKSSZGET = 0x1268;
    static final int BLKPBSZGET = 0x127b;
    static final int BLKROTATIONAL = 0x127e;

    static final int EFD_CLOEXEC = 0x80000;
    static final int EFD_NONBLOCK = 0x800;

    private Fcntl() {}
}
