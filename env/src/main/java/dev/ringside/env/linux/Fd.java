package dev.ringside.env.linux;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Owns one file descriptor.
 *
 * <p>A closed number is given to the next file that the process opens, so nobody may still be using it. Calls that block
 * (on a socket) hold the descriptor while they are inside, and then {@link #close} leaves the closing to the last of them.
 * Whoever takes the bare {@link #number} (epoll, io_uring, a data-plane write) must be done with it before the close.
 */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = 1 << 31;

    private final int number;

    /** The calls that hold the descriptor; the top bit says that it is closed, or will be when they are gone. */
    private final AtomicInteger holders = new AtomicInteger();

    private Fd(int number) {
        this.number = number;
    }

    /**
     * Takes a descriptor over: from now on this object closes it.
     *
     * @param number not negative
     */
    public static Fd adopt(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("a file descriptor is not negative: " + number);
        }
        return new Fd(number);
    }

    /**
     * Returns the number, for a call into the kernel.
     *
     * @throws IllegalStateException when closed
     */
    public int number() {
        if (holders.get() < 0) {
            throw new IllegalStateException("descriptor " + number + " is closed");
        }
        return number;
    }

    /** {@return whether nobody has closed this} */
    public boolean isOpen() {
        return holders.get() >= 0;
    }

    /**
     * Makes a second descriptor of the same open file (F_DUPFD_CLOEXEC): they share the position, the flags and a lock of
     * flock(2).
     *
     * @throws LinuxException EMFILE when the process has too many, EBADF when closed
     */
    public Fd duplicate() throws LinuxException {
        hold("fcntl");
        try {
            return new Fd(Kernel.check("fcntl", Kernel.fcntl(number, Fcntl.F_DUPFD_CLOEXEC, 0)));
        } finally {
            release();
        }
    }

    /** Closes the descriptor, once, from any thread. What a call still holds is closed when it returns. */
    @Override
    public void close() {
        // close(2) always frees the number on Linux, and what it may report (EIO) belongs to fdatasync.
        if (markClosed() == 0) {
            Kernel.close(number);
        }
    }

    /**
     * Closes a socket, and wakes the calls that are blocked on it. Without such a call the connection itself is left alone:
     * another process may have been given it.
     */
    void closeSocket() {
        if (!tryHold()) {
            return;
        }
        if (markClosed() > 1) {
            Kernel.shutdown(number, Sockets.SHUT_RDWR);
        }
        release();
    }

    /** Keeps the number from being reused until {@link #release}; EBADF when closed. */
    void hold(String call) throws LinuxException {
        if (!tryHold()) {
            throw new LinuxException(call, Errno.EBADF);
        }
    }

    /** The number, for one who holds the descriptor; it may be marked closed meanwhile. */
    int held() {
        return number;
    }

    void release() {
        if (holders.decrementAndGet() == CLOSED) {
            Kernel.close(number);
        }
    }

    private boolean tryHold() {
        int before;
        do {
            before = holders.get();
            if (before < 0) {
                return false;
            }
        } while (!holders.compareAndSet(before, before + 1));
        return true;
    }

    /** Returns how many held the descriptor, negative when it was closed already. */
    private int markClosed() {
        return holders.getAndUpdate(count -> count | CLOSED);
    }

    @Override
    public String toString() {
        return isOpen() ? "fd " + number : "fd " + number + " (closed)";
    }
}
