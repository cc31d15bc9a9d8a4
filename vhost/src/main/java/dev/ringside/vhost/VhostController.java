package dev.ringside.vhost;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.linux.UnixListener;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.vhost.blk.BlkDevice;
import dev.ringside.vhost.session.InflightFiles;
import dev.ringside.vhost.session.Session;
import dev.ringside.vhost.session.SessionCounters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device with the socket on which guests find it. Control plane; any thread. */
public final class VhostController {
    private static final Logger LOG = LoggerFactory.getLogger(VhostController.class);
    private static final AtomicInteger NEXT_VID = new AtomicInteger();

    private final String name;
    private final CpuSet cpus;
    private final List<Reactor> reactors;
    private final BlkDevice device;
    private final UnixListener listener;
    private final Executor control;
    private final SessionCounters counters = new SessionCounters();
    private final InflightFiles inflightFiles = new InflightFiles();
    private final Thread acceptor;
    private final List<Connected> connected = new ArrayList<>();
    private int nextId;
    private boolean closing;

    private record Connected(int vid, int id, Session session, Thread thread) {}

    /**
     * Listens. The listener and the device are the controller's to close.
     *
     * @param reactors those that serve the queues, in turn; at least one
     */
    VhostController(
            String name,
            CpuSet cpus,
            List<Reactor> reactors,
            BlkDevice device,
            UnixListener listener,
            Executor control) {
        this.name = name;
        this.cpus = cpus;
        this.reactors = List.copyOf(reactors);
        this.device = device;
        this.listener = listener;
        this.control = control;
        this.acceptor = new Thread(this::accept, "vhost-" + name);
        acceptor.setDaemon(true);
    }

    void start() {
        acceptor.start();
    }

    /** The controller's name. */
    public String name() {
        return name;
    }

    /** The cores whose reactors serve the queues. */
    public CpuSet cpus() {
        return cpus;
    }

    /** The socket. */
    public Path socket() {
        return listener.path();
    }

    /** The device. */
    public BlkDevice device() {
        return device;
    }

    /**
     * Puts another bdev behind the device while guests use it; their requests in flight end on the old one.
     *
     * @throws VhostException ENODEV, EBUSY or EROFS if it cannot be opened, EINVAL if its geometry is another one
     */
    public void swapBdev(BdevRegistry registry, String bdev) throws VhostException {
        try {
            device.swap(registry, bdev);
        } catch (BdevException e) {
            throw new VhostException(e.errno(), e);
        }
    }

    /** What went wrong so far, by name. */
    public Map<String, Long> counters() {
        return counters.values();
    }

    /** The front ends that are connected. */
    public List<SessionStatus> sessions() {
        List<Connected> now;
        synchronized (connected) {
            now = List.copyOf(connected);
        }
        return now.stream()
                .map(one -> new SessionStatus(
                        one.vid,
                        one.id,
                        name + "s" + one.id,
                        one.session.started(),
                        one.session.runningRings(),
                        one.session.inFlight()))
                .toList();
    }

    /** Stops accepting if nobody is connected; true if that is so. */
    boolean closeIfUnused() {
        synchronized (connected) {
            if (!connected.isEmpty()) {
                return false;
            }
            closing = true;
        }
        close();
        return true;
    }

    /** Disconnects everybody, waits until what was in flight has ended, and closes the socket and the device. */
    void close() {
        List<Connected> ending;
        synchronized (connected) {
            closing = true;
            ending = List.copyOf(connected);
        }
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
        ending.forEach(one -> one.session.disconnect());
        join(acceptor);
        ending.forEach(one -> join(one.thread));
        listener.close();
        device.close();
    }

    private void accept() {
        while (true) {
            try {
                UnixConnection connection = listener.accept();
                if (!begin(connection)) {
                    connection.close();
                }
            } catch (LinuxException e) {
                synchronized (connected) {
                    if (!closing) {
                        LOG.error("{}: no more connections are accepted: {}", name, e.getMessage());
                    }
                }
                return;
            }
        }
    }

    private boolean begin(UnixConnection connection) {
        synchronized (connected) {
            if (closing) {
                return false;
            }
            int vid = NEXT_VID.getAndIncrement();
            int id = nextId++;
            String label = name + "s" + id;
            Session session = new Session(label, connection, device, this::reactorOf, control, counters, inflightFiles);
            Thread thread = new Thread(
                    () -> {
                        try {
                            session.run();
                        } finally {
                            ended(vid);
                        }
                    },
                    "vhost-" + label);
            thread.setDaemon(true);
            connected.add(new Connected(vid, id, session, thread));
            LOG.info("{}: a front end has connected", label);
            thread.start();
            return true;
        }
    }

    private void ended(int vid) {
        synchronized (connected) {
            connected.removeIf(one -> one.vid == vid);
        }
    }

    private Reactor reactorOf(int ring) {
        return reactors.get(ring % reactors.size());
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
