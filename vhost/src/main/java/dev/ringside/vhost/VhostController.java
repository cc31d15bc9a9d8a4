package dev.ringside.vhost;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.linux.UnixListener;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.ThreadEnd;
import dev.ringside.vhost.blk.BlkDevice;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.queue.ChainBudget;
import dev.ringside.vhost.session.CallPace;
import dev.ringside.vhost.session.InflightFiles;
import dev.ringside.vhost.session.Session;
import dev.ringside.vhost.session.SessionCounters;
import dev.ringside.vhost.session.SessionState;
import dev.ringside.vhost.wire.ProtocolException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device with the socket on which guests find it. Control plane; any thread. */
public final class VhostController {
    private static final Logger LOG = LoggerFactory.getLogger(VhostController.class);
    private static final AtomicInteger NEXT_VID = new AtomicInteger();

    private final String name;
    private final CpuSet cpus;
    private final List<Reactor> reactors;
    private final ControllerDevice device;
    private final Path socket;
    private final Executor control;
    private final SessionCounters counters = new SessionCounters();
    private final ChainBudget.Share share;
    private final InflightFiles inflightFiles = new InflightFiles();
    private final CallPace pace = new CallPace();
    private final List<Connected> connected = new ArrayList<>();
    /** Open on each reactor while sessions are adopted, so that what takes time is done before their guests wait. */
    private final Map<DeviceQueue, Reactor> heldOpen = new HashMap<>();

    /** Where front ends connect, once it listens. */
    private volatile @Nullable FrontDoor door;

    private int nextId;
    private boolean closing;

    private record Connected(int vid, int id, Session session, Thread thread) {}

    /**
     * Makes a controller that does not listen. The device is the controller's to close.
     *
     * @param reactors those that serve the queues, in turn; at least one
     * @param share of the heap, for the requests of all sessions
     */
    VhostController(
            String name,
            CpuSet cpus,
            List<Reactor> reactors,
            ControllerDevice device,
            Path socket,
            Executor control,
            ChainBudget.Share share) {
        this.name = name;
        this.cpus = cpus;
        this.reactors = List.copyOf(reactors);
        this.device = device;
        this.socket = socket;
        this.control = control;
        this.share = share;
    }

    /**
     * Has a socket from now on, which the controller closes.
     *
     * @throws LinuxException EMFILE; the listener stays the caller's then
     */
    void listen(UnixListener listener) throws LinuxException {
        door = new FrontDoor(name, listener);
    }

    /** Whether front ends can connect. */
    public boolean listens() {
        return door != null;
    }

    /** Takes connections, if there is a socket. */
    void start() {
        FrontDoor from = door;
        if (from != null) {
            from.open(this::begin);
        }
    }

    /** The socket, for another process; stays the controller's. */
    Optional<ControllerState.Listener> listener() {
        FrontDoor from = door;
        return from == null ? Optional.empty() : Optional.of(new ControllerState.Listener(name, from.socket()));
    }

    /** Accepts nobody, and asks all sessions to come to rest; done when they do. */
    CompletableFuture<ControllerState> rest() {
        FrontDoor from = door;
        if (from != null) {
            from.shut();
        }
        Map<Integer, CompletableFuture<Optional<SessionState>>> asked = new LinkedHashMap<>();
        int next;
        synchronized (connected) {
            connected.forEach(one -> asked.put(one.id, one.session.rest()));
            next = nextId;
        }
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    List<ControllerState.Connected> states = new ArrayList<>();
                    asked.forEach((id, rest) ->
                            rest.join().ifPresent(state -> states.add(new ControllerState.Connected(id, state))));
                    return new ControllerState(name, writeback(), next, states);
                });
    }

    /** Goes on after {@link #rest}, whether that was done or not. */
    void goOn() {
        endRests(false);
        start();
    }

    /** Leaves socket and guests, which rest, to another process, without a word to them. */
    void leave() {
        List<Connected> leaving = endRests(true);
        leaving.forEach(one -> ThreadEnd.await(one.thread));
        closeHere();
    }

    private List<Connected> endRests(boolean leave) {
        List<Connected> now;
        synchronized (connected) {
            closing = leave;
            now = List.copyOf(connected);
        }
        now.forEach(one -> one.session.endRest(leave));
        return now;
    }

    /**
     * Makes sessions of what another process had; they wait for {@link #startAdopted}. Of the controllers of a target that
     * has not started.
     *
     * @param state its descriptors stay the caller's
     * @throws VhostException EINVAL if a session cannot be gone on with here, or what the system says; what was made is left
     *     to {@link #leave}
     */
    void adopt(ControllerState state) throws VhostException {
        if (device instanceof BlkDevice disk) {
            disk.setWriteback(state.writeback());
        }
        nextId = state.nextId();
        String label = name;
        try {
            for (Reactor reactor : reactors) {
                if (device instanceof BlkDevice disk) {
                    heldOpen.put(
                            reactor.call(() -> disk.openQueue(0, 0, reactor)).join(), reactor);
                }
            }
            for (ControllerState.Connected one : state.sessions()) {
                label = labelOf(one.id());
                UnixConnection connection =
                        UnixConnection.adopt(one.state().connection().duplicate());
                synchronized (connected) {
                    connect(one.id(), connection).session.adopt(one.state());
                }
            }
        } catch (ProtocolException e) {
            throw new VhostException(Errno.EINVAL, label + ": " + e.getMessage());
        } catch (LinuxException e) {
            throw new VhostException(e.errno(), label + ": " + e.getMessage());
        } catch (IllegalArgumentException | CompletionException e) {
            throw new VhostException(Errno.EINVAL, label + ": " + e);
        }
    }

    /** Serves the guests that were adopted, and takes connections; done when their rings run. */
    CompletableFuture<Void> startAdopted() {
        List<Connected> adopted = List.copyOf(connected);
        adopted.forEach(one -> one.thread.start());
        start();
        return CompletableFuture.allOf(
                        adopted.stream().map(one -> one.session.begun()).toArray(CompletableFuture[]::new))
                .thenRunAsync(this::letGoOfHeld, control);
    }

    /** Frees what {@link #adopt} made and was never started. */
    void discardAdopted() {
        connected.forEach(one -> one.session.discard());
        letGoOfHeld();
        closeHere();
    }

    private void letGoOfHeld() {
        heldOpen.forEach((queue, reactor) -> reactor.call(() -> {
                    queue.close();
                    return true;
                })
                .join());
        heldOpen.clear();
    }

    private boolean writeback() {
        return !(device instanceof BlkDevice disk) || disk.writeback();
    }

    private void closeHere() {
        FrontDoor open = door;
        if (open != null) {
            open.close();
        }
        device.close();
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
        return socket;
    }

    /** The device. */
    public ControllerDevice device() {
        return device;
    }

    /**
     * Puts another bdev behind the device while guests use it; their requests in flight end on the old one.
     *
     * @throws VhostException ENODEV, EBUSY or EROFS if it cannot be opened, EINVAL if its geometry is another one, or the
     *     device is not a block device
     */
    public void swapBdev(BdevRegistry registry, String bdev) throws VhostException {
        try {
            if (!(device instanceof BlkDevice disk)) {
                throw new VhostException(Errno.EINVAL, "controller " + name + " has no block device");
            }
            disk.swap(registry, bdev);
        } catch (BdevException e) {
            throw new VhostException(e.errno(), e);
        }
    }

    /** How often its rings may call their drivers. */
    public CallPace pace() {
        return pace;
    }

    /** What went wrong so far, by name. */
    public Map<String, Long> counters() {
        return counters.values();
    }

    /** The front ends that are connected. */
    public List<SessionStatus> sessions() {
        return connectedNow().stream()
                .map(one -> new SessionStatus(
                        one.vid,
                        one.id,
                        labelOf(one.id),
                        one.session.started(),
                        one.session.queues().running(),
                        one.session.queues().inFlight()))
                .toList();
    }

    /** Has each queue of its guests look whether the disk behind it is timed; done when all have. */
    public CompletableFuture<Void> followTimes() {
        return CompletableFuture.allOf(connectedNow().stream()
                .map(one -> one.session.queues().followTimes())
                .toArray(CompletableFuture[]::new));
    }

    /** The queues that are timed, of all guests. */
    public List<TimedQueue> timedQueues() {
        return connectedNow().stream()
                .flatMap(one -> one.session.queues().times().stream()
                        .map(queue -> new TimedQueue(one.id, queue.index(), queue.reactor(), queue.spans())))
                .toList();
    }

    private List<Connected> connectedNow() {
        synchronized (connected) {
            return List.copyOf(connected);
        }
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
        FrontDoor from = door;
        if (from != null) {
            from.remove();
        }
        ending.forEach(one -> one.session.disconnect());
        if (from != null) {
            from.join();
        }
        ending.forEach(one -> ThreadEnd.await(one.thread));
        closeHere();
    }

    private boolean begin(UnixConnection connection) {
        synchronized (connected) {
            if (closing) {
                return false;
            }
            try {
                Connected one = connect(nextId, connection);
                nextId++;
                LOG.info("{}: a front end has connected", labelOf(one.id));
                one.thread.start();
                return true;
            } catch (LinuxException e) {
                LOG.error("{}: a front end is turned away: {}", name, e.getMessage());
                return false;
            }
        }
    }

    /** Makes the session for a connection, which is closed if that fails; its thread does not run yet. */
    private Connected connect(int id, UnixConnection connection) throws LinuxException {
        int vid = NEXT_VID.getAndIncrement();
        String label = labelOf(id);
        VirtioDevice seen = device.connect();
        Session session;
        try {
            session = new Session(
                    label, connection, seen, this::reactorOf, control, counters, inflightFiles, share, pace);
        } catch (LinuxException e) {
            device.disconnect(seen);
            connection.close();
            throw e;
        }
        Runnable life = () -> {
            try {
                session.run();
            } finally {
                device.disconnect(seen);
                ended(vid);
            }
        };
        Thread thread = new Thread(life, "vhost-" + label);
        thread.setDaemon(true);
        Connected one = new Connected(vid, id, session, thread);
        connected.add(one);
        return one;
    }

    private String labelOf(int id) {
        return name + "s" + id;
    }

    private void ended(int vid) {
        synchronized (connected) {
            connected.removeIf(one -> one.vid == vid);
        }
    }

    private Reactor reactorOf(int ring) {
        return reactors.get(ring % reactors.size());
    }
}
