package dev.ringside.daemon;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
import dev.ringside.bdev.file.UringGroup;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.daemon.target.StartException;
import dev.ringside.daemon.target.StopSignal;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.linux.UnixListener;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.vhost.ControllerState;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.VhostTarget;
import dev.ringside.vhost.blk.BlkSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One disk for one guest, without a control socket (QEMU, docs/interop/vhost-user.rst, "Backend programs"). */
public final class BlkProgram implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BlkProgram.class);
    private static final String DISK = "disk";

    private final Options options;
    private final StopSignal stop = new StopSignal();
    private final Reactors reactors = new Reactors();
    private final BdevRegistry registry = new BdevRegistry();
    private final UringGroup rings = new UringGroup();
    private final ReentrantLock lifecycle = new ReentrantLock();
    private @Nullable VhostTarget target;
    /** Where a controller that came with its socket would have had one. */
    private @Nullable Path noDirectory;

    private boolean closed;

    /** Where the front end is found. */
    public sealed interface Socket {
        /** A path, at which this program listens. */
        record At(Path path) implements Socket {}

        /** A descriptor that was inherited, of a socket that listens or is connected. */
        record Inherited(int fd) implements Socket {}
    }

    /**
     * What the program is started with.
     *
     * @param file the disk's: a file or a block device
     * @param readOnly whether the guest cannot write
     */
    public record Options(Socket socket, Path file, boolean readOnly, CpuSet cpus, IdleMode idle) {}

    /** Builds one that has not started. */
    public BlkProgram(Options options) {
        this.options = options;
    }

    /**
     * Starts; the disk can be used when this returns.
     *
     * @throws StartException if it cannot; what has been started is left to {@link #close}
     */
    public void start() throws StartException {
        lifecycle.lock();
        try {
            reactors.start(options.cpus(), options.idle());
            openDisk();
            serve();
        } catch (BdevException | VhostException | IOException | IllegalArgumentException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        } finally {
            lifecycle.unlock();
        }
    }

    private void openDisk() throws BdevException {
        registry.register(FileBdev.open(
                new FileOptions(
                        DISK, UUID.randomUUID(), options.file(), FileOptions.URING, 0, options.readOnly(), true),
                rings));
    }

    private void serve() throws VhostException, IOException {
        BlkSettings settings = BlkSettings.DEFAULT.withReadOnly(options.readOnly());
        switch (options.socket()) {
            case Socket.At(Path path) -> {
                Path absolute = path.toAbsolutePath();
                Path directory = absolute.getParent();
                Path name = absolute.getFileName();
                if (directory == null || name == null) {
                    throw new IllegalArgumentException(path + " is no path for a socket");
                }
                make(directory).createBlk(name.toString(), registry, DISK, settings, options.cpus());
            }
            case Socket.Inherited(int number) -> {
                Fd fd = Fd.adopt(number);
                Path nowhere = Files.createTempDirectory("ringside");
                noDirectory = nowhere;
                VhostTarget made = make(nowhere);
                if (UnixListener.isListening(fd)) {
                    made.inherit(List.of(new ControllerState.Listener(DISK, fd)), Map.of());
                    fd.close();
                    made.createBlk(DISK, registry, DISK, settings, options.cpus());
                    made.startAdopted().join();
                } else {
                    Thread.ofPlatform().name("blk").daemon().start(() -> serve(made, settings, fd));
                }
            }
        }
    }

    private VhostTarget make(Path directory) {
        VhostTarget made = new VhostTarget(directory, reactors.list());
        target = made;
        return made;
    }

    private void serve(VhostTarget made, BlkSettings settings, Fd fd) {
        try {
            made.serveBlk(DISK, registry, DISK, settings, options.cpus(), UnixConnection.adopt(fd));
            stop.request();
        } catch (VhostException e) {
            stop.fail(String.valueOf(e.getMessage()));
        }
    }

    /** Waits until the program is to end: it was told so, or the front end with which it was started has gone. */
    public Optional<String> awaitStop() {
        return stop.await();
    }

    /** Stops: what is in flight ends, the front end is disconnected, the socket is removed, the file is closed. */
    @Override
    public void close() {
        stop.request();
        lifecycle.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            VhostTarget serving = target;
            if (serving != null) {
                serving.close();
            }
            registry.unregister(DISK).join();
        } catch (BdevException e) {
            LOG.debug("there was no disk yet", e);
        } finally {
            reactors.close();
            removeDirectory();
            lifecycle.unlock();
        }
    }

    private void removeDirectory() {
        Path directory = noDirectory;
        if (directory != null) {
            try {
                Files.deleteIfExists(directory);
            } catch (IOException e) {
                LOG.warn("{} cannot be removed: {}", directory, e.getMessage());
            }
        }
    }
}
