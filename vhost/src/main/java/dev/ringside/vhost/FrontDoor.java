package dev.ringside.vhost;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.ReadWait;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.linux.UnixListener;
import dev.ringside.env.reactor.ThreadEnd;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A controller's socket, and the thread that takes connections from it. Control plane; one thread at a time. */
final class FrontDoor {
    private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);
    /** How long to wait for a descriptor to become free, or memory; callers wait in the socket's queue. */
    private static final long SHORTAGE_NANOS = 100_000_000;

    private final String name;
    private final UnixListener listener;
    private final ReadWait callers;
    private volatile boolean ending;
    private @Nullable Thread acceptor;

    /**
     * Makes one that takes nobody yet.
     *
     * @param listener closed with the door
     * @throws LinuxException EMFILE; the listener stays the caller's then
     */
    FrontDoor(String name, UnixListener listener) throws LinuxException {
        this.name = name;
        this.listener = listener;
        this.callers = ReadWait.on(listener.fd());
    }

    /** The socket, which stays the door's. */
    Fd socket() {
        return listener.fd();
    }

    /**
     * Takes connections.
     *
     * @param takes whether it takes a connection, which is closed if not
     */
    void open(Predicate<UnixConnection> takes) {
        Thread thread = new Thread(() -> accept(takes), "vhost-" + name);
        thread.setDaemon(true);
        acceptor = thread;
        thread.start();
    }

    /** Takes nobody until it is opened again. */
    void shut() {
        callers.interrupt();
        join();
        callers.clear();
    }

    /** Removes the socket's file, and ends the taking soon. */
    void remove() {
        ending = true;
        try {
            listener.unlink();
        } catch (IOException e) {
            LOG.warn("{}: {}", name, e.getMessage());
        }
        try {
            listener.shutdown();
        } catch (LinuxException e) {
            LOG.warn("{}: {}", name, e.getMessage());
        }
    }

    /** Waits until nobody is being taken any more. */
    void join() {
        Thread thread = acceptor;
        if (thread != null) {
            ThreadEnd.await(thread);
            acceptor = null;
        }
    }

    void close() {
        callers.close();
        listener.close();
    }

    private void accept(Predicate<UnixConnection> takes) {
        boolean told = false;
        while (callers.await()) {
            try {
                UnixConnection connection = listener.accept();
                told = false;
                if (!takes.test(connection)) {
                    connection.close();
                }
            } catch (LinuxException e) {
                if (ending) {
                    return;
                }
                if (!isShortage(e.errno())) {
                    LOG.error("{}: no more connections are accepted: {}", name, e.getMessage());
                    return;
                }
                if (!told) {
                    LOG.warn("{}: connections have to wait: {}", name, e.getMessage());
                    told = true;
                }
                LockSupport.parkNanos(SHORTAGE_NANOS);
            }
        }
    }

    private static boolean isShortage(int errno) {
        return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOMEM || errno == Errno.ENOBUFS;
    }
}
