package dev.ringside.daemon;

import dev.ringside.daemon.config.ConfigException;
import dev.ringside.daemon.config.ConfigFile;
import dev.ringside.daemon.config.StateDirectory;
import dev.ringside.daemon.insight.Watch;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.rpc.AllMethods;
import dev.ringside.daemon.takeover.Successor;
import dev.ringside.daemon.takeover.TakeoverException;
import dev.ringside.daemon.takeover.Takeovers;
import dev.ringside.daemon.target.AllowedPaths;
import dev.ringside.daemon.target.ConfigKeeper;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.FaultInjections;
import dev.ringside.daemon.target.FaultyDevices;
import dev.ringside.daemon.target.GuestMemoryDma;
import dev.ringside.daemon.target.NvmeControllers;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.daemon.target.StartException;
import dev.ringside.daemon.target.Startup;
import dev.ringside.daemon.target.StopSignal;
import dev.ringside.daemon.target.TakenDevices;
import dev.ringside.daemon.web.Listener;
import dev.ringside.daemon.web.WebServer;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import dev.ringside.rpc.server.RpcLimits;
import dev.ringside.rpc.server.RpcServer;
import dev.ringside.rpc.server.SocketLock;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon: builds its parts, starts them in order and stops them in the reverse one. Nothing happens before
 * {@link #start}. Any thread may stop it, also while it starts.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    /** How long a daemon that was taken over may take to give the control socket up. */
    private static final Duration RELEASE = Duration.ofSeconds(10);

    private volatile DaemonOptions options;
    private final StopSignal stop = new StopSignal();
    private final Reactors reactors = new Reactors();
    private final Disks disks = new Disks();
    private final GuestMemoryDma guestMemory = new GuestMemoryDma(new DmaSpace());
    private final NvmeControllers nvme;
    private final ScsiHosts scsi;
    private final Controllers controllers = new Controllers();
    private final MethodRegistry methods = new MethodRegistry(FrameworkState.STARTUP);
    private final Startup startup = new Startup(methods, stop);
    private final ConfigKeeper keeper = new ConfigKeeper(methods);
    private final Takeovers takeovers;
    private volatile boolean handedOver;
    private final FaultInjections faults;
    private final Watch watch = new Watch(reactors, disks);
    /** Held by whoever starts or stops: a stop waits for the step of the start that is under way. */
    private final ReentrantLock lifecycle = new ReentrantLock();

    private @Nullable SocketLock socketLock;
    private volatile @Nullable RpcServer server;
    private volatile @Nullable WebServer web;
    /** The hand-over by which this daemon starts, while it is under way. */
    private volatile @Nullable Successor taking;

    private boolean closed;

    /** Builds a daemon that has not started. */
    public Daemon(DaemonOptions options, Logging logging) {
        this.options = options;
        ControlLock control = new ControlLock();
        control.afterEach(keeper::changed);
        FaultyDevices devices = new FaultyDevices();
        VfioHost vfio = new VfioHost(
                guestMemory.space(),
                (device, way) -> {
                    TakenDevices.tell(device, way);
                    return this.options.allowFaults() ? devices.admit(device) : device;
                },
                () -> this.options.allowNoIommu());
        nvme = new NvmeControllers(disks, control, vfio);
        scsi = new ScsiHosts(disks, control, vfio, ScsiHosts.DRIVERS);
        takeovers = new Takeovers(new Takeovers.Parts(
                control, methods, disks, controllers, () -> this.options.surroundings(), this::release));
        faults = new FaultInjections(disks, controllers, devices, () -> this.options.allowFaults());
        AllMethods.register(
                methods,
                new AllMethods.Parts(
                        control,
                        reactors,
                        disks,
                        nvme,
                        scsi,
                        controllers,
                        startup,
                        stop,
                        takeovers,
                        faults,
                        watch,
                        logging));
    }

    /** What it was started with; of one that has taken another one over, after its start, what that was started with. */
    public DaemonOptions options() {
        return options;
    }

    /** All methods, whether it has started or not. */
    public MethodRegistry methods() {
        return methods;
    }

    /**
     * Starts, to where clients can use it.
     *
     * @throws StartException if it cannot; what has been started is left to {@link #close}
     */
    public void start() throws StartException {
        if (options.takeover().isPresent()) {
            takeOver(options.takeover().get());
            return;
        }
        step(this::takeSocket);
        step(this::readConfig);
        step(() -> reactors.start(options.cpus(), options.idle()));
        step(watch::start);
        step(this::startDrivers);
        step(this::startControllers);
        if (!options.waitForRpc()) {
            step(startup::run);
        }
        step(this::listen);
        step(this::serveWeb);
    }

    private void takeOver(DaemonOptions.Takeover differences) throws StartException {
        try (Successor successor = Successor.meet(options.rpcSocket())) {
            taking = successor;
            try {
                options = options.with(successor.surroundings(), differences);
                step(() -> reactors.start(options.cpus(), options.idle()));
                step(watch::start);
                step(this::startDrivers);
                step(this::startControllers);
                step(() -> startup.prepare(successor.begin(disks, controllers.target()), () -> {}));
                step(startup::run);
                step(() -> successor.take(controllers.target()));
            } catch (StartException e) {
                successor.fail(e.getMessage());
                throw e;
            } finally {
                taking = null;
            }
        } catch (TakeoverException e) {
            throw new StartException(e.getMessage(), e);
        }
        step(this::succeedSocket);
    }

    /** Listens where the old daemon did; guests are served already, and are not to suffer if that fails. */
    private void succeedSocket() {
        try {
            SocketLock lock = SocketLock.succeed(options.rpcSocket(), SocketFlock::tryLock, RELEASE);
            // Whoever has left the socket has left the state directory before.
            succeedState();
            server = RpcServer.listen(
                    lock, methods, RpcLimits.DEFAULT, options.extras().access().rpcUsers());
            serveWeb();
        } catch (StartException e) {
            LOG.error("guests are served, but there are no metrics: {}", e.getMessage());
        } catch (IOException e) {
            LOG.error("guests are served, but nobody can be heard on the control socket: {}", e.getMessage());
        }
    }

    private void succeedState() {
        try {
            if (options.extras().state().isPresent()) {
                keeper.own(StateDirectory.open(options.extras().state().get()));
                keeper.begin();
            }
        } catch (ConfigException | StartException e) {
            LOG.error("guests are served, but changes are not kept: {}", e.getMessage());
        }
    }

    /** Another process has all guests and wants the control socket. */
    private void release() {
        keeper.close();
        closeWeb();
        try {
            RpcServer serving = server;
            if (serving != null) {
                serving.leave();
            }
        } catch (IOException e) {
            LOG.warn("the RPC socket's lock cannot be given up: {}", e.getMessage());
        }
        handedOver = true;
        stop.request();
    }

    /** Whether it ends since another process has taken over. */
    public boolean handedOver() {
        return handedOver;
    }

    /** Waits until somebody wants the daemon to end; the reason, if something failed. */
    public Optional<String> awaitStop() {
        return stop.await();
    }

    /**
     * Stops: clients get the answers that are due, guests are drained and disconnected, disks are closed, sockets are
     * removed. Returns when all of that is done.
     */
    @Override
    public void close() {
        stop.request();
        Successor unfinished = taking;
        if (unfinished != null) {
            unfinished.cancel();
        }
        takeovers.cancel();
        // Whoever waits for something that will not come any more would keep the server from closing.
        startup.cancel();
        disks.stopWaiting();
        lifecycle.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            LOG.info("stopping");
            closeServer();
            closeWeb();
            keeper.close();
            watch.close();
            faults.close();
            disks.releaseHeld();
            controllers.close();
            disks.close();
            nvme.close();
            scsi.close();
            reactors.close();
            releaseSocket();
            LOG.info("stopped");
        } finally {
            lifecycle.unlock();
        }
    }

    private interface Step {
        void run() throws StartException, TakeoverException;
    }

    private void step(Step step) throws StartException {
        lifecycle.lock();
        try {
            if (stop.isAsked()) {
                throw new StartException("stopped before it was ready");
            }
            step.run();
        } catch (TakeoverException e) {
            throw new StartException(e.getMessage(), e);
        } finally {
            lifecycle.unlock();
        }
    }

    private void startDrivers() {
        nvme.start(options.idle(), reactors.list().size());
        scsi.start(options.idle());
    }

    private void startControllers() throws StartException {
        disks.allow(AllowedPaths.below(options.extras().access().paths()));
        controllers.start(
                options.vhostDirectory(),
                reactors.list(),
                guestMemory,
                options.extras().access());
        controllers.target().tellOfPinned(disks.rings()::register);
    }

    private void takeSocket() throws StartException {
        try {
            socketLock = SocketLock.acquire(options.rpcSocket(), SocketFlock::tryLock);
        } catch (IOException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private void readConfig() throws StartException {
        try {
            if (options.extras().state().isPresent()) {
                StateDirectory opened =
                        StateDirectory.open(options.extras().state().get());
                keeper.own(opened);
                startup.prepare(opened.read(), keeper::begin);
            } else if (options.config().isPresent()) {
                startup.prepare(ConfigFile.read(options.config().get()), () -> {});
            }
        } catch (ConfigException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    private void listen() throws StartException {
        SocketLock lock = socketLock;
        if (lock == null) {
            throw new IllegalStateException("the socket's lock is not held");
        }
        // The server closes the lock from now on, whatever happens.
        socketLock = null;
        try {
            server = RpcServer.listen(
                    lock, methods, RpcLimits.DEFAULT, options.extras().access().rpcUsers());
        } catch (IOException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private void serveWeb() throws StartException {
        if (options.extras().metrics().isEmpty()) {
            return;
        }
        Listener wanted = options.extras().metrics().get();
        try {
            WebServer serving =
                    WebServer.start(wanted, new WebServer.Parts(methods, reactors, disks, controllers, watch));
            web = serving;
            // With the port that it was given, if any was wanted: a successor goes on there.
            options = options.serving(new Listener(serving.address(), wanted.anywhere()));
        } catch (IOException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private void closeWeb() {
        WebServer serving = web;
        if (serving != null) {
            serving.close();
        }
    }

    private void closeServer() {
        RpcServer serving = server;
        if (serving != null) {
            try {
                serving.close();
            } catch (IOException e) {
                LOG.warn("the RPC socket cannot be removed: {}", e.getMessage());
            }
        }
    }

    private void releaseSocket() {
        if (socketLock != null) {
            try {
                socketLock.close();
            } catch (IOException e) {
                LOG.warn("the RPC socket's lock cannot be removed: {}", e.getMessage());
            }
        }
    }
}
