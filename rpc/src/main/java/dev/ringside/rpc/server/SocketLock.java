package dev.ringside.rpc.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The right to serve a path: a record lock (fcntl) on {@code <path>.lock}, mode 0600, and what else locks
 * that file. The kernel drops it with the process, so a socket file without a holder of the lock is stale
 * and may be replaced. Owned by one thread at a time.
 */
public final class SocketLock implements AutoCloseable {
    /** Longest path that fits sun_path with its terminating zero; unix(7). */
    private static final int LONGEST_PATH = 107;

    private static final long RETRY_NANOS = 2_000_000;
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

    private final Path path;
    private final Path lockPath;
    private final Held held;
    private volatile boolean bound;
    private volatile boolean closed;

    /** Locks the file in another way too, which servers of other makes know. */
    public interface FurtherLock {
        /**
         * Locks without waiting.
         *
         * @param lockFile exists
         * @return what gives the lock back; empty if another process has it
         * @throws NoSuchFileException if the file is gone meanwhile
         */
        Optional<Closeable> tryLock(Path lockFile) throws IOException;
    }

    /** Both locks. */
    private record Held(FileChannel channel, Closeable further) implements Closeable {
        @Override
        public void close() throws IOException {
            try (channel;
                    further) {
                // Both, whatever happens to one.
            }
        }
    }

    private SocketLock(Path path, Path lockPath, Held held) {
        this.path = path;
        this.lockPath = lockPath;
        this.held = held;
    }

    /** Takes the right to serve the path, with the record lock alone. */
    public static SocketLock acquire(Path socketPath) throws IOException {
        return acquire(socketPath, file -> Optional.of(() -> {}));
    }

    /**
     * Takes the right to serve the path. A stale socket file stays until {@link #bind} replaces it.
     *
     * @throws IOException with one clear line: another daemon serves the path, something that is not a
     *     socket is there, the directory is missing or not writable, the path is too long
     */
    public static SocketLock acquire(Path socketPath, FurtherLock further) throws IOException {
        SocketLock lock = take(socketPath, further);
        try {
            lock.checkPath();
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
        return lock;
    }

    /**
     * Takes the right to serve the path over from a daemon that is about to {@link #leave} it; its socket file stays until
     * {@link #bind} replaces it.
     *
     * @param patience how long to wait for that
     * @throws IOException another daemon serves the path still
     */
    public static SocketLock succeed(Path socketPath, FurtherLock further, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return take(socketPath, further);
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private static SocketLock take(Path socketPath, FurtherLock further) throws IOException {
        Path path = socketPath.toAbsolutePath().normalize();
        Path name = path.getFileName();
        if (name == null) {
            throw new IOException(socketPath + " is no path for a socket");
        }
        if (bytes(path) > LONGEST_PATH) {
            throw new IOException("the socket path " + path + " is longer than " + LONGEST_PATH + " bytes");
        }
        Path lockPath = path.resolveSibling(name + ".lock");
        return new SocketLock(path, lockPath, lock(path, lockPath, further));
    }

    /** The socket's path, absolute. */
    public Path path() {
        return path;
    }

    /**
     * A listening socket on the path, in place of a stale one.
     *
     * @param permissions of the socket from the first moment, such as {@code rw-------}
     * @throws IOException the directory is not writable, or too long for a temporary name
     */
    public ServerSocketChannel bind(String permissions) throws IOException {
        Path dir = privateDirectory();
        Path temporary = dir.resolve("s");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            // Nobody else can enter the directory, so nobody connects before the mode is right.
            server.bind(UnixDomainSocketAddress.of(temporary));
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString(permissions));
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            bound = true;
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(temporary);
            Files.deleteIfExists(dir);
        }
    }

    /** Removes the socket file, if {@link #bind} made it: nobody new can connect, the path stays ours. */
    public void removeSocket() throws IOException {
        if (bound) {
            bound = false;
            Files.deleteIfExists(path);
        }
    }

    /** Lets the lock go and leaves both files, to a daemon that serves the path from now on. */
    public void leave() throws IOException {
        bound = false;
        closed = true;
        held.close();
    }

    /** Removes the socket file, then the lock file, and only then lets the lock go. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (held) {
            removeSocket();
            Files.deleteIfExists(lockPath);
        }
    }

    private static Held lock(Path path, Path lockPath, FurtherLock further) throws IOException {
        while (true) {
            FileChannel channel = open(lockPath);
            @Nullable Closeable second = null;
            boolean taken = false;
            try {
                Object before = identity(lockPath);
                if (channel.tryLock() == null) {
                    throw busy(path, null);
                }
                second = further.tryLock(lockPath).orElseThrow(() -> busy(path, null));
                taken = before != null && Objects.equals(before, identity(lockPath));
                // The former holder may have removed the file between our open and our lock: then it is
                // locked, but under no name, and the next daemon would lock another one.
                if (taken) {
                    return new Held(channel, second);
                }
            } catch (OverlappingFileLockException e) {
                throw busy(path, e);
            } catch (NoSuchFileException e) {
                // The same, before the second lock.
            } finally {
                if (!taken) {
                    new Held(channel, second == null ? () -> {} : second).close();
                }
            }
        }
    }

    private static FileChannel open(Path lockPath) throws IOException {
        try {
            return FileChannel.open(
                    lockPath,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (NoSuchFileException e) {
            throw new IOException("cannot lock " + lockPath + ": there is no such directory", e);
        } catch (IOException e) {
            throw new IOException("cannot lock " + lockPath + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable Object identity(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static IOException busy(Path path, @Nullable Throwable cause) {
        return new IOException("another daemon serves " + path, cause);
    }

    private void checkPath() throws IOException {
        int mode;
        try {
            mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        }
        if ((mode & FILE_TYPE) != SOCKET) {
            throw new IOException(path + " exists and is not a socket");
        }
        // A server that does not know our kind of lock may be there all the same.
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            return;
        }
        throw busy(path, null);
    }

    /** A directory beside the socket that only we may enter; its name is short because socket paths must be. */
    private Path privateDirectory() throws IOException {
        while (true) {
            int number = ThreadLocalRandom.current().nextInt(0x1000, 0x10000);
            Path dir = path.resolveSibling("." + Integer.toHexString(number));
            if (bytes(dir) + 2 > LONGEST_PATH) {
                throw new IOException("the directory of the socket path " + path + " is too long");
            }
            try {
                return Files.createDirectory(
                        dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException taken) {
                // Another number, then.
            } catch (IOException e) {
                throw new IOException("cannot listen on " + path + ": " + e.getMessage(), e);
            }
        }
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }
}
