package dev.ringside.daemon;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The lock that SPDK's daemons take on the lock file of a control socket, flock(2), so that they and this one keep off each
 * other's sockets.
 */
final class SocketFlock {
    private SocketFlock() {}

    /** Locks the file for us alone; empty if another process has it. */
    static Optional<Closeable> tryLock(Path lockFile) throws IOException {
        LinuxFile file;
        try {
            file = LinuxFile.open(lockFile, LinuxFile.RDONLY, 0);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                throw new NoSuchFileException(lockFile.toString());
            }
            throw e;
        }
        boolean taken = false;
        try {
            taken = file.tryLock(true);
            return taken ? Optional.of(file::close) : Optional.empty();
        } finally {
            if (!taken) {
                file.close();
            }
        }
    }
}
