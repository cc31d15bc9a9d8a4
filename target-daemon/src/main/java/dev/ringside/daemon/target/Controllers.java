package dev.ringside.daemon.target;

import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.SocketAccess;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.memory.MemoryListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The vhost target, which is there from the start of the reactors to the stop. Any thread. */
public final class Controllers implements AutoCloseable {
    private volatile @Nullable VhostTarget target;

    /** Makes one that has not started. */
    public Controllers() {}

    /**
     * Starts.
     *
     * @param directory where the controllers' sockets are made
     * @param memoryListener told of the memory of guests
     * @param access whose the sockets are
     * @throws StartException if it is not a directory that can be written, or there is no such user
     */
    public void start(Path directory, List<Reactor> reactors, MemoryListener memoryListener, Access access)
            throws StartException {
        if (!Files.isDirectory(directory)) {
            throw new StartException("the directory for vhost sockets, " + directory + ", does not exist");
        }
        if (!Files.isWritable(directory)) {
            throw new StartException("the directory for vhost sockets, " + directory + ", is not writable");
        }
        SocketAccess sockets = access.sockets();
        VhostTarget made = new VhostTarget(directory, reactors, memoryListener);
        made.giveSocketsTo(sockets);
        target = made;
    }

    /** The vhost target. */
    public VhostTarget target() {
        VhostTarget started = target;
        if (started == null) {
            throw new IllegalStateException("the vhost target is not running");
        }
        return started;
    }

    @Override
    public void close() {
        VhostTarget started = target;
        if (started != null) {
            started.close();
        }
    }
}
