package dev.ringside.env.vfio;

import dev.ringside.env.ffi.CExpression;
import dev.ringside.env.ffi.SystemCall;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;

/** The system calls on VFIO's descriptors. */
final class VfioCalls {
    @CExpression("SYS_ioctl")
    private static final int SYS_IOCTL = 16;

    @CExpression("SYS_pread64")
    private static final int SYS_PREAD64 = 17;

    @CExpression("SYS_pwrite64")
    private static final int SYS_PWRITE64 = 18;

    private VfioCalls() {}

    /** An ioctl whose argument is a number; returns what the kernel does, a result or -errno. */
    static int ioctl(Fd fd, int request, long argument) {
        long result;
        do {
            result = SystemCall.invoke(SYS_IOCTL, fd.number(), request, argument, 0, 0, 0);
        } while (result == -Errno.EINTR);
        return (int) result;
    }

    /** An ioctl whose argument is a structure, or whose argument is a number; what is refused is an exception. */
    static int ioctl(String name, String subject, Fd fd, int request, long argument) throws LinuxException {
        return check(name, subject, ioctl(fd, request, argument));
    }

    static int ioctl(String name, String subject, Fd fd, int request, MemorySegment argument) throws LinuxException {
        return ioctl(name, subject, fd, request, argument.address());
    }

    static void pread(String subject, Fd fd, MemorySegment buffer, long offset) throws LinuxException {
        transfer("pread", SYS_PREAD64, subject, fd, buffer, offset);
    }

    static void pwrite(String subject, Fd fd, MemorySegment buffer, long offset) throws LinuxException {
        transfer("pwrite", SYS_PWRITE64, subject, fd, buffer, offset);
    }

    private static void transfer(String name, int call, String subject, Fd fd, MemorySegment buffer, long offset)
            throws LinuxException {
        long bytes = buffer.byteSize();
        long result = SystemCall.invoke(call, fd.number(), buffer.address(), bytes, offset, 0, 0);
        check(name, subject, (int) (result >= 0 && result != bytes ? -Errno.EIO : result));
    }

    private static int check(String name, String subject, int result) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(name, subject, -result);
        }
        return result;
    }
}
