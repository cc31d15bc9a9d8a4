package dev.ringside.vhost;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.linux.UnixListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sockets of a target's controllers: made here, or taken over from another process. Guarded by the target. */
final class ControllerSockets {
    /** Of a socket until it is given to whom it is for. */
    private static final int MODE = 0600;

    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

    private final Path directory;
    /** Those of another process that the controllers of the same names take over when they are made. */
    private final Map<String, UnixListener> inherited = new LinkedHashMap<>();

    private SocketAccess access = SocketAccess.PRIVATE;

    ControllerSockets(Path directory) {
        this.directory = directory;
    }

    /** Says whose the sockets are that are made from now on. */
    void giveTo(SocketAccess to) {
        access = to;
    }

    /** Where the socket of a controller is. */
    Path path(String name) {
        return directory.resolve(name);
    }

    /**
     * Keeps sockets of another process until they are taken.
     *
     * @param listeners their descriptors stay the caller's
     * @throws LinuxException EMFILE
     */
    void inherit(List<ControllerState.Listener> listeners) throws LinuxException {
        for (ControllerState.Listener from : listeners) {
            inherited.put(from.name(), UnixListener.adopt(from.socket().duplicate(), path(from.name())));
        }
    }

    /** Whether there are sockets of another process that nobody has taken. */
    boolean areLeft() {
        return !inherited.isEmpty();
    }

    /**
     * Takes the socket that another process had for a controller.
     *
     * @throws VhostException ENODEV if there is none
     */
    UnixListener take(String name) throws VhostException {
        UnixListener listener = inherited.remove(name);
        if (listener == null) {
            throw new VhostException(Errno.ENODEV, "controller " + name + ": there is no socket to take over");
        }
        return listener;
    }

    /** Makes a socket; one that a process left behind is replaced, one that is served is not. */
    UnixListener listen(String name) throws VhostException {
        Path path = path(name);
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                replaceStale(path);
            }
            UnixListener listener = UnixListener.bind(path, MODE);
            try {
                access.apply(path);
                return listener;
            } catch (IOException e) {
                listener.close();
                listener.unlink();
                throw new VhostException(Errno.EPERM, "the socket " + path + " cannot be given away: " + e);
            }
        } catch (IllegalArgumentException e) {
            throw new VhostException(Errno.EINVAL, e);
        } catch (LinuxException e) {
            throw new VhostException(e.errno(), e);
        } catch (IOException e) {
            throw new VhostException(Errno.EIO, e);
        }
    }

    /** Lets go of the sockets that nobody has taken. */
    void close() {
        inherited.values().forEach(UnixListener::close);
        inherited.clear();
    }

    private static void replaceStale(Path path) throws IOException, VhostException {
        Object kind = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (((Integer) kind & FILE_TYPE) != SOCKET) {
            throw new VhostException(Errno.EEXIST, path + " exists and is not a socket");
        }
        try (UnixConnection other = UnixConnection.connect(path)) {
            throw new VhostException(
                    Errno.EADDRINUSE,
                    path + " is served by process " + other.peerCredentials().pid());
        } catch (LinuxException e) {
            if (e.errno() != Errno.ECONNREFUSED) {
                throw e;
            }
            Files.delete(path);
        }
    }
}
