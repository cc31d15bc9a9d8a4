package dev.ringside.env.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What statx(2) says of an open file. */
record FileStatus(
        int mode, long size, int blockSize, int deviceMajor, int deviceMinor, int dioMemoryAlign, int dioOffsetAlign) {

    static FileStatus of(Fd fd) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(Statx.SIZE, Long.BYTES);
            MemorySegment path = arena.allocateFrom("");
            int mask = Fcntl.STATX_BASIC_STATS | Fcntl.STATX_DIOALIGN;
            Kernel.check(
                    "statx", Kernel.statx(fd.number(), path.address(), Fcntl.AT_EMPTY_PATH, mask, status.address()));
            // A kernel before 6.1 leaves the bit out, and zeroes where it has nothing to say.
            boolean dio = (status.get(ValueLayout.JAVA_INT, Statx.STX_MASK) & Fcntl.STATX_DIOALIGN) != 0;
            return new FileStatus(
                    status.get(ValueLayout.JAVA_SHORT, Statx.STX_MODE) & 0xffff,
                    status.get(ValueLayout.JAVA_LONG, Statx.STX_SIZE),
                    status.get(ValueLayout.JAVA_INT, Statx.STX_BLKSIZE),
                    status.get(ValueLayout.JAVA_INT, Statx.STX_DEV_MAJOR),
                    status.get(ValueLayout.JAVA_INT, Statx.STX_DEV_MINOR),
                    dio ? status.get(ValueLayout.JAVA_INT, Statx.STX_DIO_MEM_ALIGN) : 0,
                    dio ? status.get(ValueLayout.JAVA_INT, Statx.STX_DIO_OFFSET_ALIGN) : 0);
        }
    }

    boolean isRegular() {
        return (mode & Fcntl.S_IFMT) == Fcntl.S_IFREG;
    }

    boolean isBlockDevice() {
        return (mode & Fcntl.S_IFMT) == Fcntl.S_IFBLK;
    }
}
