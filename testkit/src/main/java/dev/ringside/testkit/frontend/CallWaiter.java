package dev.ringside.testkit.frontend;

import dev.ringside.env.linux.Epoll;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;

/** Sleeps until an eventfd is signalled. */
public final class CallWaiter implements AutoCloseable {
    private final EventFd event;
    private final Epoll epoll;

    /** Waits on an eventfd, which stays the caller's. */
    public CallWaiter(EventFd event) throws LinuxException {
        this.event = event;
        this.epoll = Epoll.create(1);
        epoll.add(event.number(), Epoll.IN, 0);
    }

    /** Returns whether the signal came within the time, and takes it. Allocates nothing. */
    public boolean await(long timeoutNs) {
        long end = System.nanoTime() + timeoutNs;
        long left = timeoutNs;
        while (left > 0) {
            if (epoll.await(left) > 0) {
                event.drain();
                return true;
            }
            left = end - System.nanoTime();
        }
        return false;
    }

    @Override
    public void close() {
        epoll.close();
    }
}
