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
import dev.ringside.vhost.queue.ChainBudget;
import dev.ringside.vhost.session.CallPace;
import dev.ringside.vhost.session.InflightFiles;
import dev.ringside.vhost.session.RingFault;
import dev.ringside.vhost.session.SessionCounters;
import dev.ringside.vhost.session.SessionQueues;
import dev.ringside.vhost.session.SessionSurroundings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A device with the socket on which guests find it. Control plane; any thread. */
public final class VhostController {
    private final String name;
    private final CpuSet cpus;
    private final ControllerDevice device;
    private final Path socket;
    private final SessionSurroundings around;
    private final FrontEnds frontEnds;

    /** Where front ends connect, once it listens. */
    private volatile @Nullable FrontDoor door;

    /**
     * Makes a controller that does not listen. The device is the controller's to close.
     *
     * @param reactors those that serve the queues, in turn; at least one
     * @param control runs what a reactor must not do itself
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
        this.device = device;
        this.socket = socket;
        this.around = new SessionSurroundings(
                List.copyOf(reactors), control, new SessionCounters(), new InflightFiles(), share, new CallPace());
        this.frontEnds = new FrontEnds(name, device, around);
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
            from.open(frontEnds::take);
        }
    }

    /** The socket, for another process; stays the controller's. */
    Optional<ControllerState.Listener> listener() {
        FrontDoor from = door;
        return from == null ? Optional.empty() : Optional.of(new ControllerState.Listener(name, from.socket()));
    }

    /** Accepts nobody, and asks all sessions to come to rest, as {@link FrontEnds#rest}. Not on a reactor. */
    CompletableFuture<Supplier<ControllerState>> rest() {
        FrontDoor from = door;
        if (from != null) {
            from.shut();
        }
        return frontEnds.rest();
    }

    /** Goes on after {@link #rest}, whether that was done or not. */
    void goOn() {
        frontEnds.goOn();
        start();
    }

    /** Leaves socket and guests, which rest, to another process, without a word to them. */
    void leave() {
        frontEnds.leave();
        closeHere();
    }

    /**
     * Has what another process had, as {@link FrontEnds#adopt}. Of the controllers of a target that has not started.
     *
     * @throws VhostException EINVAL if it cannot be gone on with here, or what the system says
     */
    void adopt(ControllerState state) throws VhostException {
        frontEnds.adopt(state);
    }

    /** Serves the guests that were adopted, and takes connections; done when their rings run. */
    CompletableFuture<Void> startAdopted() {
        CompletableFuture<Void> begun = frontEnds.startAdopted();
        start();
        return begun;
    }

    /** Frees what {@link #adopt} made and was never started. */
    void discardAdopted() {
        frontEnds.discardAdopted();
        closeHere();
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
        return around.pace();
    }

    /** What went wrong so far, by name. */
    public Map<String, Long> counters() {
        return around.counters().values();
    }

    /** The front ends that are connected. */
    public List<SessionStatus> sessions() {
        return frontEnds.connected().stream().map(Connected::status).toList();
    }

    /** Has each queue of its guests look whether the disk behind it is timed; done when all have. */
    public CompletableFuture<Void> followTimes() {
        return onQueues(SessionQueues::followTimes);
    }

    /** The queues that are timed, of all guests. */
    public List<TimedQueue> timedQueues() {
        return frontEnds.connected().stream().flatMap(Connected::timedQueues).toList();
    }

    /** Gives the virtqueues that run now these faults instead of those that they have; done when all have. */
    public CompletableFuture<Void> useFaults(List<RingFault> faults) {
        return onQueues(queues -> queues.useFaults(faults));
    }

    private CompletableFuture<Void> onQueues(Function<SessionQueues, CompletableFuture<Void>> work) {
        return CompletableFuture.allOf(frontEnds.connected().stream()
                .map(one -> work.apply(one.session().queues()))
                .toArray(CompletableFuture[]::new));
    }

    /** Stops accepting if nobody is connected; true if that is so. */
    boolean closeIfUnused() {
        if (!frontEnds.refuseIfNone()) {
            return false;
        }
        close();
        return true;
    }

    /** Disconnects everybody, waits until what was in flight has ended, and closes the socket and the device. */
    void close() {
        List<Connected> ending = frontEnds.refuse();
        FrontDoor from = door;
        if (from != null) {
            from.remove();
        }
        ending.forEach(one -> one.session().disconnect());
        if (from != null) {
            from.join();
        }
        ending.forEach(one -> ThreadEnd.await(one.thread()));
        closeHere();
    }

    /** Serves a front end that did not come through the door; returns when it has gone. */
    void serve(UnixConnection connection) {
        if (!frontEnds.take(connection)) {
            connection.close();
            return;
        }
        frontEnds.connected().forEach(one -> ThreadEnd.await(one.thread()));
    }
}
