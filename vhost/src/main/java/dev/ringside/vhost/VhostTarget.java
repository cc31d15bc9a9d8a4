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
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.queue.ChainBudget;
import dev.ringside.vhost.scsi.PortNumbers;
import dev.ringside.vhost.scsi.ScsiDevice;
import dev.ringside.vhost.scsi.unit.LogicalUnits;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** All vhost-user controllers of the daemon. Control plane; any thread. */
public final class VhostTarget implements AutoCloseable {
    private final ControllerSockets sockets;
    private final List<Reactor> reactors;
    private final ChainBudget requests;
    private final MemoryListener memoryListener;
    private MemoryListener pinnedListener = MemoryListener.NONE;
    private final Map<String, VhostController> controllers = new LinkedHashMap<>();
    /** Whether controllers serve guests as soon as they are made. */
    private boolean serving = true;

    private final ExecutorService control = thread("vhost-control");
    /** Runs SCSI commands that are rare, and may wait for a file or for reactors. */
    private final ExecutorService commands = thread("vhost-scsi");

    private final LogicalUnits units;
    private final PortNumbers ports = new PortNumbers();

    /**
     * Makes a target without controllers.
     *
     * @param socketDirectory where the controllers' sockets are made, and where SCSI reservations are kept that shall
     *     outlive the daemon; it exists
     * @param reactors those that queues can be served on
     */
    public VhostTarget(Path socketDirectory, List<Reactor> reactors) {
        this(socketDirectory, reactors, MemoryListener.NONE);
    }

    /** The same, but somebody is told of the memory of the guests, before requests point into it. */
    public VhostTarget(Path socketDirectory, List<Reactor> reactors, MemoryListener memoryListener) {
        this(socketDirectory, reactors, memoryListener, ChainBudget.ofHeap());
    }

    /**
     * Makes a target without controllers, whose guests' memory somebody has to know of.
     *
     * @param socketDirectory where the controllers' sockets are made; it exists
     * @param reactors those that queues can be served on
     * @param memoryListener told of all memory of guests, before requests point into it
     * @param requests what the requests of all queues may use of the heap
     */
    public VhostTarget(
            Path socketDirectory, List<Reactor> reactors, MemoryListener memoryListener, ChainBudget requests) {
        this.memoryListener = memoryListener;
        this.requests = requests;
        this.sockets = new ControllerSockets(socketDirectory);
        this.units = new LogicalUnits(socketDirectory);
        this.reactors = List.copyOf(reactors);
    }

    /** Says whose the sockets are that are made from now on. */
    public synchronized void giveSocketsTo(SocketAccess to) {
        sockets.giveTo(to);
    }

    /** Has somebody told of the memory that may be pinned, of guests of controllers that are made from now on. */
    public synchronized void tellOfPinned(MemoryListener listener) {
        pinnedListener = listener;
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
        requireFree(name);
        return add(blk(name, registry, bdevName, settings, cpus), true);
    }

    /**
     * Makes a controller with a SCSI host device that has no targets yet.
     *
     * @param name also the name of its socket: no slash, not empty
     * @param cpus the cores whose reactors serve its queues: some of those that have reactors
     * @param delayed whether it listens for guests only after {@link #startScsi}
     * @throws VhostException EEXIST if there is one of that name or another process serves the socket, EINVAL if the name
     *     or the cores are impossible, or what the socket says
     */
    public synchronized VhostController createScsi(String name, CpuSet cpus, boolean delayed) throws VhostException {
        requireFree(name);
        List<Reactor> on = reactorsOf(cpus);
        ScsiDevice device = new ScsiDevice(name, units, ports, commands, memoryListener);
        Path socket = sockets.path(name);
        return add(new VhostController(name, cpus, on, device, socket, control, requests.share()), !delayed);
    }

    /**
     * Lets guests connect to a SCSI controller that was made to wait for this.
     *
     * @throws VhostException ENODEV if there is none of that name, EINVAL if it is no SCSI controller, EEXIST if it
     *     listens, or what the socket says
     */
    public synchronized void startScsi(String name) throws VhostException {
        VhostController controller = find(name);
        scsi(controller);
        if (controller.listens()) {
            throw new VhostException(Errno.EEXIST, "controller " + name + " has been started");
        }
        giveSocket(controller);
        controller.start();
    }

    /**
     * The SCSI device of a controller.
     *
     * @throws VhostException ENODEV if there is none of that name, EINVAL if it has another device
     */
    public ScsiDevice scsi(String name) throws VhostException {
        return scsi(find(name));
    }

    private static ScsiDevice scsi(VhostController controller) throws VhostException {
        if (controller.device() instanceof ScsiDevice device) {
            return device;
        }
        throw new VhostException(Errno.EINVAL, "controller " + controller.name() + " has no SCSI device");
    }

    /**
     * Makes a controller with a block device for one front end, which is connected already, and serves it until it goes.
     *
     * @param connection closed at the end
     * @throws VhostException as {@link #createBlk} does
     */
    public void serveBlk(
            String name,
            BdevRegistry registry,
            String bdevName,
            BlkSettings settings,
            CpuSet cpus,
            UnixConnection connection)
            throws VhostException {
        VhostController controller;
        synchronized (this) {
            requireFree(name);
            controller = add(blk(name, registry, bdevName, settings, cpus), false);
        }
        controller.serve(connection);
    }

    private VhostController blk(String name, BdevRegistry registry, String bdevName, BlkSettings settings, CpuSet cpus)
            throws VhostException {
        List<Reactor> on = reactorsOf(cpus);
        try {
            MemoryListener told = settings.pinMemory() ? memoryListener.and(pinnedListener) : memoryListener;
            BlkDevice device = new BlkDevice(registry, bdevName, settings, told);
            return new VhostController(name, cpus, on, device, sockets.path(name), control, requests.share());
        } catch (BdevException e) {
            throw new VhostException(e.errno(), e);
        }
    }

    private VhostController add(VhostController controller, boolean listening) throws VhostException {
        if (listening) {
            try {
                giveSocket(controller);
            } catch (VhostException e) {
                controller.device().close();
                throw e;
            }
        }
        controllers.put(controller.name(), controller);
        if (serving) {
            controller.start();
        }
        return controller;
    }

    private void giveSocket(VhostController controller) throws VhostException {
        UnixListener listener = serving ? sockets.listen(controller.name()) : sockets.take(controller.name());
        try {
            controller.listen(listener);
        } catch (LinuxException e) {
            listener.close();
            throw new VhostException(e.errno(), e);
        }
    }

    private void requireFree(String name) throws VhostException {
        if (name.isEmpty() || name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw new VhostException(Errno.EINVAL, "controller name '" + name + "': a file name is allowed");
        }
        if (controllers.containsKey(name)) {
            throw new VhostException(Errno.EEXIST, "controller " + name + " already exists");
        }
    }

    /** The relative numbers of the SCSI target ports, by the ports' names. */
    public Map<String, Integer> portNumbers() {
        return ports.numbers();
    }

    /** The controllers' sockets, for another process; they stay the controllers'. */
    public synchronized List<ControllerState.Listener> listeners() {
        return controllers.values().stream()
                .flatMap(controller -> controller.listener().stream())
                .toList();
    }

    /**
     * Asks all sessions to come to rest, and accepts no more. To be ended by {@link #goOn} or {@link #leave}, whether it was
     * done or not.
     *
     * @return done when all rest, with no request in flight
     */
    public synchronized CompletableFuture<TargetState> rest() {
        List<CompletableFuture<Supplier<ControllerState>>> resting =
                controllers.values().stream().map(VhostController::rest).toList();
        return CompletableFuture.allOf(resting.toArray(CompletableFuture[]::new))
                .thenApply(done -> new TargetState(
                        resting.stream().map(each -> each.join().get()).toList(), units.states()));
    }

    /** Goes on serving after {@link #rest}. */
    public synchronized void goOn() {
        controllers.values().forEach(VhostController::goOn);
    }

    /** Leaves all sockets and guests, which rest, to another process; they do not notice. There are no controllers then. */
    public synchronized void leave() {
        controllers.values().forEach(VhostController::leave);
        controllers.clear();
    }

    /**
     * Has controllers that are made from now on wait for {@link #startAdopted}, with what they had in another process.
     *
     * @param listeners their descriptors stay the caller's
     * @param portNumbers of SCSI target ports
     * @throws VhostException EMFILE
     */
    public synchronized void inherit(List<ControllerState.Listener> listeners, Map<String, Integer> portNumbers)
            throws VhostException {
        serving = false;
        ports.inherit(portNumbers);
        try {
            sockets.inherit(listeners);
        } catch (LinuxException e) {
            throw new VhostException(e.errno(), e);
        }
    }

    /**
     * Makes sessions of those that another process had; their guests are not touched before {@link #startAdopted}.
     *
     * @throws VhostException if there are other controllers or logical units here, or a session cannot be gone on with
     */
    public synchronized void adopt(TargetState target) throws VhostException {
        List<ControllerState> states = target.controllers();
        if (states.size() != controllers.size() || sockets.areLeft()) {
            throw new VhostException(Errno.EINVAL, "the configuration has other controllers than there are");
        }
        try {
            units.adopt(target.units());
        } catch (BdevException e) {
            throw new VhostException(e.errno(), e);
        }
        for (ControllerState state : states) {
            find(state.name()).adopt(state);
        }
    }

    /** Serves what was adopted; done when all rings run that ran. From now on new controllers serve at once. */
    public synchronized CompletableFuture<Void> startAdopted() {
        serving = true;
        return CompletableFuture.allOf(
                controllers.values().stream().map(VhostController::startAdopted).toArray(CompletableFuture[]::new));
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
        controllers.values().forEach(serving ? VhostController::close : VhostController::discardAdopted);
        controllers.clear();
        sockets.close();
        commands.close();
        control.close();
    }

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
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
}
