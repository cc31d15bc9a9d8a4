package dev.ringside.env.linux;

/**
 * A wait for something to read that another thread can interrupt without touching what is waited for: other processes may
 * have the same socket. One thread waits, any interrupts.
 */
public final class ReadWait implements AutoCloseable {
    private static final int INTERRUPTED = 1;

    private final Epoll epoll;
    private final EventFd interruption;

    private ReadWait(Epoll epoll, EventFd interruption) {
        this.epoll = epoll;
        this.interruption = interruption;
    }

    /**
     * Makes one for a descriptor.
     *
     * @param fd stays the caller's, who closes it when nobody waits any more
     * @throws LinuxException EMFILE
     */
    public static ReadWait on(Fd fd) throws LinuxException {
        EventFd interruption = EventFd.create();
        try {
            Epoll epoll = Epoll.create(2);
            try {
                epoll.add(interruption.number(), Epoll.IN, INTERRUPTED);
                epoll.add(fd.number(), Epoll.IN, 0);
                return new ReadWait(epoll, interruption);
            } catch (LinuxException | RuntimeException e) {
                epoll.close();
                throw e;
            }
        } catch (LinuxException | RuntimeException e) {
            interruption.close();
            throw e;
        }
    }

    /**
     * Waits.
     *
     * @return true when a read will not block, be it for the end of the stream or an error; false when interrupted, and then
     *     each time until {@link #clear}
     */
    public boolean await() {
        int ready = 0;
        while (ready == 0) {
            ready = epoll.await(-1);
        }
        for (int i = 0; i < ready; i++) {
            if (epoll.token(i) == INTERRUPTED) {
                return false;
            }
        }
        return true;
    }

    /** Ends the wait of now, or the next one; not to be called after {@link #close}. */
    public void interrupt() {
        interruption.signal();
    }

    /** Forgets interruptions; by the thread that waits. */
    public void clear() {
        interruption.drain();
    }

    @Override
    public void close() {
        epoll.close();
        interruption.close();
    }
}
