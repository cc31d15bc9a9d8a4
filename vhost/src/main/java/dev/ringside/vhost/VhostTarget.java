package dev.ringside.vhost;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.linux.UnixListener;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.blk.BlkDevice;
import dev.ringside.vhost.blk.BlkSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** All vhost-user controllers of the daemon. Control plane; any thread. */
public final class VhostTarget implements AutoCloseable {
    private static final int SOCKET_MODE = 0600;

    private final Path socketDirectory;
    private final List<Reactor> reactors;
    private final Map<String, VhostController> controllers = new LinkedHashMap<>();
    private final ExecutorService control = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "vhost-control");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Makes a target without controllers.
     *
     * @param socketDirectory where the controllers' sockets are made; it exists
     * @param reactors those that queues can be served on
     */
    public VhostTarget(Path socketDirectory, List<Reactor> reactors) {
        this.socketDirectory = socketDirectory;
        this.reactors = List.copyOf(reactors);
    }

    /**
     * Makes a controller with a block device and listens for guests.
     *
     * @param name also the name of its socket: no slash, not empty
     * @param cpus the cores whose reactors serve its queues: some of those that have reactors
     * @throws VhostException EEXIST if there is one of that name or another process serves the socket, EINVAL if the name
     *     or the cores are impossible, or what the bdev or the socket says
     */
    public synchronized VhostController createBlk(
            String name, BdevRegistry registry, String bdevName, BlkSettings settings, CpuSet cpus)
            throws VhostException {
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw new VhostException(Errno.EINVAL, "controller name '" + name + "': a file name is allowed");
        }
        if (controllers.containsKey(name)) {
            throw new VhostException(Errno.EEXIST, "controller " + name + " already exists");
        }
        List<Reactor> serving = reactorsOf(cpus);
        BlkDevice device;
        try {
            device = new BlkDevice(registry, bdevName, settings);
        } catch (BdevException e) {
            throw new VhostException(e.errno(), e);
        }
        UnixListener listener;
        try {
            listener = listen(socketDirectory.resolve(name));
        } catch (VhostException e) {
            device.close();
            throw e;
        }
        VhostController controller = new VhostController(name, cpus, serving, device, listener, control);
        controllers.put(name, controller);
        controller.start();
        return controller;
    }

    /** All controllers, in the order in which they were made. */
    public synchronized List<VhostController> controllers() {
        return List.copyOf(controllers.values());
    }

    /**
     * One controller.
     *
     * @throws VhostException ENODEV if there is none of that name
     */
    public synchronized VhostController find(String name) throws VhostException {
        VhostController controller = controllers.get(name);
        if (controller == null) {
            throw new VhostException(Errno.ENODEV, "there is no controller " + name);
        }
        return controller;
    }

    /**
     * Deletes a controller.
     *
     * @throws VhostException ENODEV if there is none of that name, EBUSY if a guest is connected to it
     */
    public synchronized void delete(String name) throws VhostException {
        if (!find(name).closeIfUnused()) {
            throw new VhostException(Errno.EBUSY, "controller " + name + " has a connected guest");
        }
        controllers.remove(name);
    }

    /** Disconnects all guests when what they have in flight has ended, and removes the sockets. */
    @Override
    public synchronized void close() {
        controllers.values().forEach(VhostController::close);
        controllers.clear();
        control.close();
    }

    private List<Reactor> reactorsOf(CpuSet cpus) throws VhostException {
        List<Reactor> chosen = reactors.stream()
                .filter(reactor -> cpus.contains(reactor.core()))
                .toList();
        if (chosen.isEmpty() || chosen.size() != cpus.cores().length) {
            throw new VhostException(
                    Errno.EINVAL,
                    "cores " + cpus.toMask() + ": cores with a reactor are allowed, "
                            + reactors.stream()
                                    .map(reactor -> Integer.toString(reactor.core()))
                                    .toList());
        }
        return chosen;
    }

    /** Makes a socket; one that a process left behind is replaced, one that is served is not. */
    private static UnixListener listen(Path path) throws VhostException {
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                replaceStale(path);
            }
            return UnixListener.bind(path, SOCKET_MODE);
        } catch (IllegalArgumentException e) {
            throw new VhostException(Errno.EINVAL, e);
        } catch (LinuxException e) {
            throw new VhostException(e.errno(), e);
        } catch (IOException e) {
            throw new VhostException(Errno.EIO, e);
        }
    }

    private static void replaceStale(Path path) throws IOException, VhostException {
        Object kind = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if (((Integer) kind & 0170000) != 0140000) {
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
