package dev.ringside.rpc.server;

import dev.ringside.rpc.method.MethodRegistry;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Answers JSON-RPC 2.0 requests on an AF_UNIX stream socket until it is closed. One thread does the input
 * and output of all clients; methods run on virtual threads. Safe for use by any thread.
 */
public final class RpcServer implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final SocketLock lock;
    private final ServerLoop loop;
    private final Thread thread;
    private boolean closed;

    private RpcServer(SocketLock lock, ServerLoop loop) {
        this.lock = lock;
        this.loop = loop;
        this.thread = Thread.ofPlatform().name("rpc").start(loop);
    }

    /**
     * Listens on the path that the lock stands for, with the limits that the documentation names.
     *
     * @param lock belongs to the server from now on, which closes it even if it cannot listen
     */
    public static RpcServer listen(SocketLock lock, MethodRegistry methods) throws IOException {
        return listen(lock, methods, RpcLimits.DEFAULT, List.of());
    }

    /**
     * Listens on the path that the lock stands for.
     *
     * @param others users, and groups after a {@code @}, who may use it besides root and the user of this process
     * @param lock belongs to the server from now on, which closes it even if it cannot listen
     */
    public static RpcServer listen(SocketLock lock, MethodRegistry methods, RpcLimits limits, List<String> others)
            throws IOException {
        try {
            return listen(lock, methods, limits, AllowedPeers.of(others));
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The same, of those who are allowed and nobody else. */
    static RpcServer listen(SocketLock lock, MethodRegistry methods, RpcLimits limits, AllowedPeers peers)
            throws IOException {
        try {
            ServerSocketChannel listener = lock.bind(peers.socketMode());
            return new RpcServer(lock, new ServerLoop(listener, methods, limits, peers));
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The path of the socket, absolute. */
    public Path path() {
        return lock.path();
    }

    /** Leaves the path to another daemon; clients that are connected are served until {@link #close}. */
    public void leave() throws IOException {
        lock.leave();
    }

    /**
     * Stops: the socket file goes first, requests that have been received run to their end and are answered
     * (for at most 5 s), clients are closed, and last the lock goes. Not to be called by a method, which
     * would wait for its own end.
     */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try (lock) {
            lock.removeSocket();
            loop.stop();
            if (!thread.join(GRACE)) {
                loop.abort();
                thread.join();
            }
        } catch (InterruptedException e) {
            loop.abort();
            Thread.currentThread().interrupt();
        }
    }
}
