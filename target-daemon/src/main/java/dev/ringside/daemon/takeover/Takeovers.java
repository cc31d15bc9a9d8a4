package dev.ringside.daemon.takeover;

import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.env.linux.Epoll;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixListener;
import dev.ringside.env.reactor.ThreadEnd;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The hand-overs of this process to another one: at most one at a time, and the last one that succeeds. Any thread. */
public final class Takeovers {
    private static final Logger LOG = LoggerFactory.getLogger(Takeovers.class);

    /** The format of what goes between the processes; another one is refused. */
    public static final int FORMAT = TransferChannel.FORMAT;

    private static final Duration ARRIVAL = Duration.ofSeconds(10);

    private final Parts parts;
    private @Nullable Thread running;
    private @Nullable UnixListener listener;
    private volatile @Nullable TransferChannel channel;
    private boolean cancelled;

    /**
     * What is handed over, and how the process lets go.
     *
     * @param surroundings asked when there is a hand-over
     * @param release gives up the control socket and has the process end, now that all guests are another's
     */
    public record Parts(
            ControlLock control,
            MethodRegistry methods,
            Disks disks,
            Controllers controllers,
            Supplier<Surroundings> surroundings,
            Runnable release) {}

    /** Makes one of which none is under way. */
    public Takeovers(Parts parts) {
        this.parts = parts;
    }

    /**
     * Begins one: waits, for 10 s, for the other process to connect to a socket.
     *
     * @return the socket
     * @throws RpcException EBUSY if one is under way, or what the system says of the socket
     */
    public synchronized Path offer() {
        if (cancelled || (running != null && running.isAlive())) {
            throw RpcException.errno(Errno.EBUSY, "a hand-over is under way, or the daemon stops");
        }
        Path rpc = parts.surroundings().get().rpcSocket().toAbsolutePath();
        Path socket = rpc.resolveSibling(rpc.getFileName() + ".takeover");
        UnixListener made;
        try {
            // Nobody else may be here: the name belongs to whoever has the lock of the control socket.
            Files.deleteIfExists(socket);
            made = UnixListener.bind(socket, 0600);
        } catch (IOException | IllegalArgumentException e) {
            throw RpcException.errno(Errno.EIO, "no socket for the hand-over: " + e.getMessage());
        }
        listener = made;
        running = Thread.ofPlatform().name("takeover").daemon().start(() -> run(made));
        return socket;
    }

    /** Ends the hand-over that is under way, unless it has succeeded, and allows no other. Returns when that is so. */
    public void cancel() {
        Thread thread;
        synchronized (this) {
            cancelled = true;
            thread = running;
            UnixListener waiting = listener;
            if (waiting != null) {
                shutdown(waiting);
            }
        }
        TransferChannel now = channel;
        if (now != null) {
            now.cancel();
        }
        if (thread != null) {
            ThreadEnd.await(thread);
        }
    }

    private void run(UnixListener from) {
        try (TransferChannel with = accept(from)) {
            channel = with;
            LOG.info("another process wants to take over");
            new Predecessor(parts, with).run();
        } catch (TakeoverException e) {
            LOG.warn("not taken over: {}", e.getMessage());
        } finally {
            channel = null;
        }
    }

    private TransferChannel accept(UnixListener from) throws TakeoverException {
        try (Epoll arrival = Epoll.create(1)) {
            arrival.add(from.fd().number(), Epoll.IN, 0);
            if (arrival.await(ARRIVAL.toNanos()) == 0) {
                throw new TakeoverException("nobody came within " + ARRIVAL.toMillis() + " ms");
            }
            return new TransferChannel(from.accept());
        } catch (LinuxException e) {
            throw new TakeoverException("nobody came: " + e.getMessage(), e);
        } finally {
            synchronized (this) {
                listener = null;
            }
            from.close();
            unlink(from);
        }
    }

    private static void unlink(UnixListener from) {
        try {
            from.unlink();
        } catch (IOException e) {
            LOG.warn("{} cannot be removed: {}", from.path(), e.getMessage());
        }
    }

    private static void shutdown(UnixListener waiting) {
        try {
            waiting.shutdown();
        } catch (LinuxException e) {
            LOG.debug("nobody waits any more", e);
        }
    }
}
