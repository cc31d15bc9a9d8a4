package dev.ringside.env.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A counter that wakes whoever polls it (eventfd(2)). Any thread may signal, one thread drains, and neither ever blocks, nor
 * allocates unless there is nothing to drain. Close it when the last signaller is done with it.
 */
public final class EventFd implements AutoCloseable {
    private static final String KIND = "anon_inode:[eventfd]";
    private static final int ONE = 0;
    private static final int COUNT = Long.BYTES;

    private final Fd fd;

    /** The 1 that a signal writes, then room for what a drain reads. */
    private final MemorySegment words = Arena.ofAuto().allocate(2L * Long.BYTES, Long.BYTES);

    private final long address = words.address();

    private EventFd(Fd fd) {
        this.fd = fd;
        words.set(ValueLayout.JAVA_LONG, ONE, 1);
    }

    /**
     * Makes a new one, at zero.
     *
     * @throws LinuxException EMFILE
     */
    public static EventFd create() throws LinuxException {
        int flags = Fcntl.EFD_CLOEXEC | Fcntl.EFD_NONBLOCK;
        return new EventFd(Fd.adopt(Kernel.check("eventfd", Kernel.eventfd(0, flags))));
    }

    /**
     * Takes over a descriptor that another process sent, and makes it non-blocking: a counter that its peer keeps full could
     * otherwise stop a reactor.
     *
     * @param fd closed with this object; stays the caller's when this throws
     * @throws LinuxException EINVAL when it is not an eventfd
     */
    public static EventFd adopt(Fd fd) throws LinuxException {
        String kind;
        try {
            kind = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd.number()))
                    .toString();
        } catch (IOException e) {
            throw new LinuxException("readlink", "/proc/self/fd/" + fd.number(), Errno.EBADF, e.toString());
        }
        if (!kind.equals(KIND)) {
            throw new LinuxException("eventfd", fd.toString(), Errno.EINVAL, "it is " + kind + ", not an eventfd");
        }
        int flags = Kernel.check("fcntl", Kernel.fcntl(fd.number(), Fcntl.F_GETFL, 0));
        Kernel.check("fcntl", Kernel.fcntl(fd.number(), Fcntl.F_SETFL, flags | Fcntl.O_NONBLOCK));
        return new EventFd(fd);
    }

    /** Adds one to the counter. When it is full the reader has been woken anyway, and nothing is added. */
    public void signal() {
        try {
            check("write", Kernel.write(fd.number(), address + ONE, Long.BYTES));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Empties the counter, and returns what it held; 0 when nobody signalled. */
    public long drain() {
        long result = Kernel.read(fd.number(), address + COUNT, Long.BYTES);
        check("read", result);
        return result < 0 ? 0 : words.get(ValueLayout.JAVA_LONG, COUNT);
    }

    private void check(String call, long result) {
        if (result < 0 && result != -Errno.EAGAIN) {
            throw new IllegalStateException(call + " of eventfd " + fd + ": " + Errno.name((int) -result));
        }
    }

    /** {@return the number of the descriptor} */
    public int number() {
        return fd.number();
    }

    /** {@return the descriptor, which stays owned by this object} */
    public Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        fd.close();
    }
}
