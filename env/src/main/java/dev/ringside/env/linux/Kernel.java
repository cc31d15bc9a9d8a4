package dev.ringside.env.linux;

import dev.ringside.env.ffi.SystemCall;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * One method for each system call, named as in section 2 of the manual. Each returns what the kernel does: a result or
 * -errno; pointers are addresses. {@link #read}, {@link #write} and those of epoll_pwait2 are for the data plane: they allocate
 * nothing when they succeed.
 */
final class Kernel {
    private Kernel() {}

    /** Passes a result on, or throws what it stands for. */
    static int check(String call, long result) throws LinuxException {
        return check(call, "", result);
    }

    /** Passes a result on, or throws what it stands for; {@code subject} is what the call was about. */
    static int check(String call, String subject, long result) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, subject, (int) -result);
        }
        return (int) result;
    }

    /** Returns the address of a piece of native memory after checking that the piece lies inside the segment. */
    static long address(MemorySegment buffer, long offset, long length) {
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("the kernel needs native memory, this segment is on the heap");
        }
        Objects.checkFromIndexSize(offset, length, buffer.byteSize());
        if (!buffer.scope().isAlive()) {
            throw new IllegalStateException("the memory is no longer there");
        }
        return buffer.address() + offset;
    }

    // Descriptors

    static int close(int fd) {
        return (int) call(Sys.CLOSE, fd, 0, 0, 0, 0, 0);
    }

    static int fcntl(int fd, int command, int argument) {
        return (int) call(Sys.FCNTL, fd, command, argument, 0, 0, 0);
    }

    static int eventfd(int initial, int flags) {
        return (int) call(Sys.EVENTFD2, initial, flags, 0, 0, 0, 0);
    }

    static long read(int fd, long address, long length) {
        return SystemCall.invokeAgainToFail(Sys.READ, fd, address, length, 0, 0, 0);
    }

    static long write(int fd, long address, long length) {
        return SystemCall.invokeAgainToFail(Sys.WRITE, fd, address, length, 0, 0, 0);
    }

    static int epollCreate(int flags) {
        return (int) call(Sys.EPOLL_CREATE1, flags, 0, 0, 0, 0, 0);
    }

    static int epollCtl(int epoll, int operation, int fd, long event) {
        return (int) call(Sys.EPOLL_CTL, epoll, operation, fd, event, 0, 0);
    }

    /** As {@link #epollPwait2}, but -1 is all that it says when it fails. */
    static int tryEpollPwait2(int epoll, long events, int max, long timeout) {
        return (int) SystemCall.tryInvoke(Sys.EPOLL_PWAIT2, epoll, events, max, timeout, 0, 0);
    }

    static int epollPwait2(int epoll, long events, int max, long timeout) {
        return (int) SystemCall.invokeAgainToFail(Sys.EPOLL_PWAIT2, epoll, events, max, timeout, 0, 0);
    }

    // Memory

    static int memfdCreate(long name, int flags) {
        return (int) call(Sys.MEMFD_CREATE, name, flags, 0, 0, 0, 0);
    }

    static long mmap(long length, int protection, int flags, int fd, long offset) {
        return mmapAt(0, length, protection, flags, fd, offset);
    }

    static long mmapAt(long address, long length, int protection, int flags, int fd, long offset) {
        return call(Sys.MMAP, address, length, protection, flags, fd, offset);
    }

    static int munmap(long address, long length) {
        return (int) call(Sys.MUNMAP, address, length, 0, 0, 0, 0);
    }

    static int madvise(long address, long length, int advice) {
        return (int) call(Sys.MADVISE, address, length, advice, 0, 0, 0);
    }

    // Sockets

    static int socket(int domain, int type) {
        return (int) call(Sys.SOCKET, domain, type, 0, 0, 0, 0);
    }

    static int socketpair(int domain, int type, long pair) {
        return (int) call(Sys.SOCKETPAIR, domain, type, 0, pair, 0, 0);
    }

    static int bind(int fd, long address, int length) {
        return (int) call(Sys.BIND, fd, address, length, 0, 0, 0);
    }

    static int listen(int fd, int backlog) {
        return (int) call(Sys.LISTEN, fd, backlog, 0, 0, 0, 0);
    }

    static int accept(int fd, int flags) {
        return (int) call(Sys.ACCEPT4, fd, 0, 0, flags, 0, 0);
    }

    static int connect(int fd, long address, int length) {
        return (int) call(Sys.CONNECT, fd, address, length, 0, 0, 0);
    }

    static long recvmsg(int fd, long message, int flags) {
        return call(Sys.RECVMSG, fd, message, flags, 0, 0, 0);
    }

    static long sendmsg(int fd, long message, int flags) {
        return call(Sys.SENDMSG, fd, message, flags, 0, 0, 0);
    }

    static int setsockopt(int fd, int level, int option, long value, int length) {
        return (int) call(Sys.SETSOCKOPT, fd, level, option, value, length, 0);
    }

    static int getsockopt(int fd, int level, int option, long value, long length) {
        return (int) call(Sys.GETSOCKOPT, fd, level, option, value, length, 0);
    }

    static int shutdown(int fd, int how) {
        return (int) call(Sys.SHUTDOWN, fd, how, 0, 0, 0, 0);
    }

    // Files

    static int open(long path, int flags, int mode) {
        return (int) call(Sys.OPENAT, Fcntl.AT_FDCWD, path, flags, mode, 0, 0);
    }

    static int chmod(long path, int mode) {
        return (int) call(Sys.FCHMODAT, Fcntl.AT_FDCWD, path, mode, 0, 0, 0);
    }

    static int statx(int fd, long path, int flags, int mask, long result) {
        return (int) call(Sys.STATX, fd, path, flags, mask, result, 0);
    }

    static int ioctl(int fd, int request, long argument) {
        return (int) call(Sys.IOCTL, fd, Integer.toUnsignedLong(request), argument, 0, 0, 0);
    }

    static int ftruncate(int fd, long length) {
        return (int) call(Sys.FTRUNCATE, fd, length, 0, 0, 0, 0);
    }

    static int fallocate(int fd, int mode, long offset, long length) {
        return (int) call(Sys.FALLOCATE, fd, mode, offset, length, 0, 0);
    }

    static int fdatasync(int fd) {
        return (int) call(Sys.FDATASYNC, fd, 0, 0, 0, 0, 0);
    }

    static long pread(int fd, long address, long length, long fileOffset) {
        return call(Sys.PREAD64, fd, address, length, fileOffset, 0, 0);
    }

    static long pwrite(int fd, long address, long length, long fileOffset) {
        return call(Sys.PWRITE64, fd, address, length, fileOffset, 0, 0);
    }

    static int flock(int fd, int operation) {
        return (int) call(Sys.FLOCK, fd, operation, 0, 0, 0, 0);
    }

    // Processors

    static int schedSetaffinity(int tid, long length, long mask) {
        return (int) call(Sys.SCHED_SETAFFINITY, tid, length, mask, 0, 0, 0);
    }

    static int schedGetaffinity(int tid, long length, long mask) {
        return (int) call(Sys.SCHED_GETAFFINITY, tid, length, mask, 0, 0, 0);
    }

    static int gettid() {
        return (int) call(Sys.GETTID, 0, 0, 0, 0, 0, 0);
    }

    private static long call(long number, long a, long b, long c, long d, long e, long f) {
        return SystemCall.invoke(number, a, b, c, d, e, f);
    }
}
