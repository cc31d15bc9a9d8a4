package dev.ringside.vhost;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.env.reactor.ThreadEnd;
import dev.ringside.vhost.blk.BlkDevice;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.scsi.InitiatorState;
import dev.ringside.vhost.scsi.ScsiDevice;
import dev.ringside.vhost.session.Session;
import dev.ringside.vhost.session.SessionState;
import dev.ringside.vhost.session.SessionSurroundings;
import dev.ringside.vhost.wire.ProtocolException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The front ends that are connected to a controller, each with its session and the thread that runs it: they come one by one,
 * or all at once from another process, and go one by one, or all at once to another process. Control plane; any thread.
 */
final class FrontEnds {
    private static final Logger LOG = LoggerFactory.getLogger(FrontEnds.class);
    private static final AtomicInteger NEXT_VID = new AtomicInteger();

    private final String name;
    private final ControllerDevice device;
    private final SessionSurroundings around;
    private final HeldOpen heldOpen = new HeldOpen();
    /** Guards itself and what follows. */
    private final List<Connected> connected = new ArrayList<>();

    private int nextId;
    private boolean refusing;

    /**
     * Makes none.
     *
     * @param name of the controller
     * @param device what they are shown
     */
    FrontEnds(String name, ControllerDevice device, SessionSurroundings around) {
        this.name = name;
        this.device = device;
        this.around = around;
    }

    /** Begins to serve one; false if it is turned away, and the connection the caller's to close. */
    boolean take(UnixConnection connection) {
        synchronized (connected) {
            if (refusing) {
                return false;
            }
            try {
                Connected one = connect(nextId, connection, device.connect());
                nextId++;
                LOG.info("{}: a front end has connected", one.label());
                one.thread().start();
                return true;
            } catch (LinuxException e) {
                LOG.error("{}: a front end is turned away: {}", name, e.getMessage());
                return false;
            }
        }
    }

    /** Those that are connected now. */
    List<Connected> connected() {
        synchronized (connected) {
            return List.copyOf(connected);
        }
    }

    /** Takes nobody from now on; those that are connected. */
    List<Connected> refuse() {
        synchronized (connected) {
            refusing = true;
            return List.copyOf(connected);
        }
    }

    /** Takes nobody from now on if nobody is connected; true if that is so. */
    boolean refuseIfNone() {
        synchronized (connected) {
            if (!connected.isEmpty()) {
                return false;
            }
            refusing = true;
            return true;
        }
    }

    /**
     * Asks all sessions to come to rest; done when they do. What is known is told by what it gives, when those of all
     * controllers rest, which may share logical units. Not on a reactor.
     */
    CompletableFuture<Supplier<ControllerState>> rest() {
        Map<Connected, CompletableFuture<Optional<SessionState>>> asked = new LinkedHashMap<>();
        int next;
        synchronized (connected) {
            connected.forEach(one -> asked.put(one, one.session().rest()));
            next = nextId;
        }
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenApply(done -> () -> state(next, asked));
    }

    /** Goes on with all of them after {@link #rest}, whether that was done or not. */
    void goOn() {
        endRests(false);
    }

    /** Leaves those that rest to another process, without a word to them. */
    void leave() {
        endRests(true).forEach(one -> ThreadEnd.await(one.thread()));
    }

    private List<Connected> endRests(boolean leave) {
        List<Connected> now;
        synchronized (connected) {
            refusing = leave;
            now = List.copyOf(connected);
        }
        now.forEach(one -> one.session().endRest(leave));
        return now;
    }

    private ControllerState state(int next, Map<Connected, CompletableFuture<Optional<SessionState>>> rests) {
        List<ControllerState.Connected> states = new ArrayList<>();
        rests.forEach((one, rest) -> rest.join()
                .ifPresent(state -> states.add(new ControllerState.Connected(one.id(), state, initiator(one.seen())))));
        boolean writeback = !(device instanceof BlkDevice disk) || disk.writeback();
        return new ControllerState(name, writeback, next, states);
    }

    private Optional<InitiatorState> initiator(VirtioDevice seen) {
        return device instanceof ScsiDevice scsi ? scsi.state(seen) : Optional.empty();
    }

    /**
     * Makes sessions of what another process had; they wait for {@link #startAdopted}.
     *
     * @param state its descriptors stay the caller's
     * @throws VhostException EINVAL if a session cannot be gone on with here, or what the system says; what was made is left
     *     to {@link #discardAdopted}
     */
    void adopt(ControllerState state) throws VhostException {
        if (device instanceof BlkDevice disk) {
            disk.setWriteback(state.writeback());
        }
        nextId = state.nextId();
        String label = name;
        try {
            heldOpen.open(device, around.reactors());
            for (ControllerState.Connected one : state.sessions()) {
                label = labelOf(one.id());
                VirtioDevice seen = connectAgain(one);
                UnixConnection connection =
                        UnixConnection.adopt(one.state().connection().duplicate());
                synchronized (connected) {
                    connect(one.id(), connection, seen).session().adopt(one.state());
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

    private VirtioDevice connectAgain(ControllerState.Connected one) {
        return device instanceof ScsiDevice scsi && one.initiator().isPresent()
                ? scsi.connect(one.initiator().get())
                : device.connect();
    }

    /** Serves those that were adopted; done when their rings run. */
    CompletableFuture<Void> startAdopted() {
        List<Connected> adopted = connected();
        adopted.forEach(one -> one.thread().start());
        return CompletableFuture.allOf(
                        adopted.stream().map(one -> one.session().begun()).toArray(CompletableFuture[]::new))
                .thenRunAsync(heldOpen::close, around.control());
    }

    /** Frees what {@link #adopt} made and was never started. */
    void discardAdopted() {
        connected().forEach(one -> one.session().discard());
        heldOpen.close();
    }

    /** Makes the session for a connection, which is closed if that fails; its thread does not run yet. */
    private Connected connect(int id, UnixConnection connection, VirtioDevice seen) throws LinuxException {
        int vid = NEXT_VID.getAndIncrement();
        String label = labelOf(id);
        Session session;
        try {
            session = new Session(label, connection, seen, around);
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
        Connected one = new Connected(vid, id, label, seen, session, thread);
        connected.add(one);
        return one;
    }

    private String labelOf(int id) {
        return name + "s" + id;
    }

    private void ended(int vid) {
        synchronized (connected) {
            connected.removeIf(one -> one.vid() == vid);
        }
    }
}
