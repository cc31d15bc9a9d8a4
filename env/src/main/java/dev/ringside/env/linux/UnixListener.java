package dev.ringside.env.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A UNIX socket (unix(7), SOCK_STREAM) that takes connections.
 *
 * <p>{@link #close} does not remove the socket's file, since by then the path may be another's; {@link #unlink} does.
 */
public final class UnixListener implements AutoCloseable {
    private static final int BACKLOG = 128;

    private final Fd fd;
    private final Path path;

    private UnixListener(Fd fd, Path path) {
        this.fd = fd;
        this.path = path;
    }

    /**
     * Makes the socket's file and listens. Nobody can connect before the file has its mode, whatever the umask.
     *
     * @param path of the file, which must not exist; at most 107 bytes
     * @param mode of the file, such as 0600
     * @throws LinuxException EADDRINUSE when the path exists, EACCES, ENOENT (no such folder)
     * @throws IllegalArgumentException when the path is too long
     */
    public static UnixListener bind(Path path, int mode) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            UnixAddress address = UnixAddress.of(arena, path);
            Fd fd = UnixAddress.socket();
            UnixListener listener = new UnixListener(fd, path);
            boolean bound = false;
            boolean listening = false;
            try {
                String name = path.toString();
                Kernel.check("bind", name, Kernel.bind(fd.number(), address.address(), SockaddrUn.SIZE));
                bound = true;
                Kernel.check("chmod", name, Kernel.chmod(address.path(), mode));
                Kernel.check("listen", name, Kernel.listen(fd.number(), BACKLOG));
                listening = true;
            } finally {
                if (!listening) {
                    fd.close();
                    if (bound) {
                        listener.removeQuietly();
                    }
                }
            }
            return listener;
        }
    }

    /**
     * Takes over the descriptor of a socket that listens, such as one that another process sent.
     *
     * @param fd closed with this object
     * @param path of the socket's file
     */
    public static UnixListener adopt(Fd fd, Path path) {
        return new UnixListener(fd, path);
    }

    /**
     * Whether a socket listens (SO_ACCEPTCONN), rather than being connected.
     *
     * @throws LinuxException ENOTSOCK, EBADF
     */
    public static boolean isListening(Fd socket) throws LinuxException {
        socket.hold("getsockopt");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_INT, 0);
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            int result = Kernel.getsockopt(
                    socket.held(), Sockets.SOL_SOCKET, Sockets.SO_ACCEPTCONN, value.address(), size.address());
            Kernel.check("getsockopt", result);
            return value.get(ValueLayout.JAVA_INT, 0) != 0;
        } finally {
            socket.release();
        }
    }

    /**
     * Waits for a connection.
     *
     * @throws LinuxException EINVAL after {@link #shutdown}, EBADF after {@link #close}; EMFILE when the process has too many
     *     descriptors
     */
    public UnixConnection accept() throws LinuxException {
        fd.hold("accept");
        try {
            int result;
            do {
                result = Kernel.accept(fd.held(), Sockets.SOCK_CLOEXEC);
            } while (result == -Errno.EINTR || result == -Errno.ECONNABORTED);
            return UnixConnection.adopt(Fd.adopt(Kernel.check("accept", path.toString(), result)));
        } finally {
            fd.release();
        }
    }

    /**
     * Takes no more connections: wakes an {@link #accept} in another thread, and fails those to come.
     *
     * @throws LinuxException EBADF when closed
     */
    public void shutdown() throws LinuxException {
        fd.hold("shutdown");
        try {
            Kernel.check("shutdown", path.toString(), Kernel.shutdown(fd.held(), Sockets.SHUT_RDWR));
        } finally {
            fd.release();
        }
    }

    /**
     * Removes the socket's file, if it is there.
     *
     * @throws IOException when it cannot be removed
     */
    public void unlink() throws IOException {
        Files.deleteIfExists(path);
    }

    private void removeQuietly() {
        try {
            unlink();
        } catch (IOException e) {
            // What made the bind fail is being reported, and matters more.
        }
    }

    /** {@return the descriptor, which stays owned by this object} */
    public Fd fd() {
        return fd;
    }

    /** {@return the path of the socket's file} */
    public Path path() {
        return path;
    }

    /**
     * Stops listening; an {@link #accept} in another thread fails. The descriptor's number is free when that has returned.
     * The socket's file stays.
     */
    @Override
    public void close() {
        fd.closeSocket();
    }
}
