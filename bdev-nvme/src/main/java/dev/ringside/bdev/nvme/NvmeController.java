package dev.ringside.bdev.nvme;

import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.nvme.NvmeException.Kind;
import dev.ringside.bdev.nvme.queue.IoQueuePair;
import dev.ringside.bdev.nvme.queue.NamespaceChannel;
import dev.ringside.bdev.nvme.queue.QueueSettings;
import dev.ringside.bdev.nvme.spec.ControllerRegisters;
import dev.ringside.bdev.nvme.spec.IdentifyController;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.reactor.ControlThread;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A controller that is driven from here. Whatever has to wait for it is done by one thread of its own: admin commands, and
 * the recovery of what hangs, from the abort of a command over the reset of the controller to its failure. Requests go
 * past that thread, through the queues of each reactor. Any thread, unless a method says otherwise.
 */
public final class NvmeController implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);
    private static final int WANTED_QUEUES = 64;
    private static final int RESET_ATTEMPTS = 3;
    private static final int TICKS_BETWEEN_TRIMS = 100;

    private final String name;
    private final NvmeListener listener;
    private final ControllerLink link;
    private final ControllerCommands commands;
    private final IdentifyController identity;
    private final int version;
    private final QueueRegistry queues;
    private final Namespaces namespaces;
    private final ShadowDoorbells doorbells;
    private final ControllerEvents events;
    private final NvmeMaintenance maintenance;
    private final int queueEntries;
    private final ControlThread thread;
    private volatile ControllerState state = ControllerState.CONNECTING;
    private final AtomicLong resets = new AtomicLong();
    private long ticks;

    private NvmeController(String name, PciFunction function, NvmeOptions options, NvmeListener listener)
            throws IOException {
        this.name = name;
        this.listener = listener;
        this.link = new ControllerLink(function, options);
        try {
            link.disable();
            link.enable();
            this.commands = new ControllerCommands(link);
            this.identity = commands.identifyController();
            this.version = link.registers().read32(ControllerRegisters.VS);
            int granted = commands.setQueueCount(WANTED_QUEUES);
            this.thread = new ControlThread("nvme-" + name, new ControllerDuty(this));
            this.doorbells = new ShadowDoorbells(link, commands, identity, granted);
            QueueSettings settings = QueueSetup.settings(options, link, identity, doorbells.doorbells());
            this.queueEntries = settings.entries();
            this.queues = new QueueRegistry(
                    link,
                    new QueueWork(this, thread),
                    settings,
                    granted,
                    QueueSetup.interrupts(options, link.function(), granted));
            this.namespaces = new Namespaces(this, commands, link.cap());
            this.events = new ControllerEvents(name, link.admin(), commands);
            this.maintenance = new NvmeMaintenance(this, commands, identity, namespaces);
            namespaces.refresh(identity, version, null);
            commands.askForEvents(identity.aerl());
        } catch (IOException | RuntimeException e) {
            link.close();
            throw e;
        }
        this.state = ControllerState.ENABLED;
    }

    /**
     * Takes a controller: resets it and finds out what it has.
     *
     * @param name of the controller; its namespace 1 is called by this name and "n1"
     * @param function given over, also when this throws
     * @throws IOException if it is gone, does not answer in time, or is of a kind that is not driven
     */
    public static NvmeController attach(String name, PciFunction function, NvmeOptions options, NvmeListener listener)
            throws IOException {
        NvmeController controller;
        try {
            controller = new NvmeController(name, function, options, listener);
        } catch (IOException | RuntimeException e) {
            function.close();
            throw e;
        }
        controller.thread.start();
        LOG.info(
                "{} is attached: {} {}, serial {}, firmware {}, {} namespaces",
                name,
                function.address(),
                controller.identity.mn(),
                controller.identity.sn(),
                controller.identity.fr(),
                controller.namespaces.list().size());
        return controller;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** What it is doing. */
    public ControllerState state() {
        return state;
    }

    /** Its namespaces, by number, but for those that cannot be driven. */
    public List<NvmeBdev> namespaces() {
        return namespaces.list();
    }

    /** What is known of it. */
    public ControllerInfo info() {
        return new ControllerInfo(
                name,
                link.function().address().toString(),
                link.function().dma().physical(),
                state,
                identity,
                version,
                queues.max(),
                queues.open().stream().map(IoQueuePair::id).sorted().toList(),
                queueEntries,
                doorbells.doorbells().shadowed(),
                NamespaceShape.maxTransferBytes(identity, link.cap()),
                resets.get(),
                events.count(),
                queues.stats(),
                namespaces.refusals());
    }

    /** Bytes of memory that it reaches and that is no request's, by what they are for. */
    public Map<String, Long> memory() {
        Map<String, Long> bytes = new TreeMap<>(link.pool().owners());
        queues.open().forEach(pair -> bytes.putAll(pair.pool().owners()));
        return bytes;
    }

    /** What is done to it besides reading and writing. */
    public NvmeMaintenance maintenance() {
        return maintenance;
    }

    /** Resets it. What is in flight is carried out afterwards; the result is an exception if it stays out of order. */
    public CompletableFuture<Void> reset() {
        return thread.call(() -> {
            if (state == ControllerState.REMOVED || state == ControllerState.CLOSED) {
                throw new NvmeException(Kind.GONE, name + " is " + state);
            }
            recover("a reset was asked for");
            requireEnabled();
            return null;
        });
    }

    /** Shuts it down and gives it back. Its bdevs have no users any more; if they do, their requests fail. */
    @Override
    public void close() {
        thread.end(this::shutDown);
    }

    IoChannel openChannel(int nsid, Reactor reactor) throws LinuxException {
        if (state == ControllerState.REMOVED || state == ControllerState.CLOSED) {
            throw new LinuxException("open", name, Errno.ENODEV, "the controller is " + state);
        }
        IoQueuePair pair = queues.find(reactor);
        if (pair == null) {
            IoQueuePair made = queues.open(reactor);
            thread.execute(() -> connect(made));
            pair = made;
        }
        return new NamespaceChannel(nsid, pair);
    }

    QueueRegistry queues() {
        return queues;
    }

    /** Does something on the thread, when it is enabled. */
    <T> CompletableFuture<T> call(Callable<T> work) {
        return thread.call(() -> {
            requireEnabled();
            return work.call();
        });
    }

    ControllerCommands commands() {
        return commands;
    }

    /** What is done again and again: looks after the controller, and after commands that hang. On the thread. */
    void tick() throws IOException {
        if (state == ControllerState.REMOVED || state == ControllerState.CLOSED) {
            return;
        }
        if (link.function().releaseRequest().drain() > 0) {
            LOG.warn("{}: the system wants the controller back", name);
            release();
            return;
        }
        if (state != ControllerState.ENABLED) {
            return;
        }
        link.admin().check();
        if (events.handle()) {
            refreshNamespaces();
        }
        maintenance.tick();
        boolean trim = ++ticks % TICKS_BETWEEN_TRIMS == 0;
        for (IoQueuePair pair : queues.open()) {
            if (pair.inFlight() > 0) {
                pair.reactor().execute(() -> pair.checkTimeouts(pair.reactor().nowNs()));
            } else if (trim) {
                pair.pool().trim();
            }
        }
    }

    /** Something did not go as it should: does what is due. On the thread. */
    void trouble(IOException problem) {
        if (state == ControllerState.REMOVED || state == ControllerState.CLOSED) {
            return;
        }
        Kind kind = problem instanceof NvmeException nvme ? nvme.kind() : Kind.STATUS;
        switch (kind) {
            case GONE -> removed(String.valueOf(problem.getMessage()));
            case TIMEOUT, FATAL -> recover(String.valueOf(problem.getMessage()));
            case STATUS, UNSUPPORTED -> LOG.warn("{}: {}", name, problem.getMessage());
        }
    }

    /** How often its queues were stopped for a reset; any thread. */
    long resets() {
        return resets.get();
    }

    /** Resets the controller, and gives it what was in flight again. On the thread. */
    void recover(String why) {
        LOG.warn("{} is reset: {}", name, why);
        state = ControllerState.RESETTING;
        queues.onEach(IoQueuePair::stop);
        resets.incrementAndGet();
        for (int attempt = 0; attempt < RESET_ATTEMPTS; attempt++) {
            try {
                bringBack(attempt > 0);
                state = ControllerState.ENABLED;
                queues.onEach(IoQueuePair::start);
                LOG.info("{} is back", name);
                return;
            } catch (NvmeException e) {
                if (e.kind() == Kind.GONE) {
                    removed(String.valueOf(e.getMessage()));
                    return;
                }
                LOG.warn("{}: attempt {} to reset it: {}", name, attempt + 1, e.getMessage());
            } catch (IOException e) {
                LOG.warn("{}: attempt {} to reset it: {}", name, attempt + 1, e.getMessage());
            }
        }
        LOG.error("{} has failed: it cannot be reset", name);
        link.isolate();
        state = ControllerState.FAILED;
        queues.onEach(pair -> pair.fail(IoStatus.IO_ERROR));
    }

    /** Tells the controller of a pair of queues. On the thread. */
    private void connect(IoQueuePair pair) throws IOException {
        if (pair.isClosed()) {
            return;
        }
        switch (state) {
            case ENABLED -> {
                try {
                    commands.createQueues(pair);
                    pair.reactor().execute(pair::start);
                } catch (NvmeException e) {
                    if (e.kind() == Kind.STATUS) {
                        pair.reactor().execute(() -> pair.fail(IoStatus.IO_ERROR));
                    }
                    throw e;
                }
            }
            case REMOVED, CLOSED -> pair.reactor().execute(() -> pair.fail(IoStatus.NO_DEVICE));
            case CONNECTING, RESETTING, FAILED -> pair.reactor().execute(() -> pair.fail(IoStatus.IO_ERROR));
        }
    }

    private void bringBack(boolean function) throws IOException {
        if (function) {
            link.resetFunction();
        }
        link.function().busMaster(true);
        link.disable();
        queues.onEach(IoQueuePair::clear);
        link.enable();
        IdentifyController found = commands.identifyController();
        if (!found.sn().equals(identity.sn()) || !found.mn().equals(identity.mn())) {
            throw new NvmeException(Kind.FATAL, "another controller answers: " + found.mn() + ", serial " + found.sn());
        }
        int granted = commands.setQueueCount(WANTED_QUEUES);
        doorbells.restore();
        for (IoQueuePair pair : queues.open()) {
            if (pair.id() > granted) {
                throw new NvmeException(Kind.FATAL, "it grants " + granted + " pairs of queues now, and had more");
            }
            commands.createQueues(pair);
        }
        refreshNamespaces();
        commands.askForEvents(identity.aerl());
    }

    /** Asks for the namespaces that there are now, and tells of what has changed. On the thread. */
    void refreshNamespaces() throws NvmeException {
        namespaces.refresh(identity, version, listener);
    }

    private void release() {
        try {
            link.disable();
        } catch (NvmeException e) {
            LOG.warn("{}: {}", name, e.getMessage());
        }
        removed("it was asked back");
    }

    private void removed(String why) {
        LOG.warn("{} is removed: {}", name, why);
        state = ControllerState.REMOVED;
        link.isolate();
        queues.onEach(pair -> pair.fail(IoStatus.NO_DEVICE));
        listener.controllerRemoved(this);
    }

    private void shutDown() {
        ControllerState before = state;
        state = ControllerState.CLOSED;
        queues.onEach(pair -> pair.fail(IoStatus.NO_DEVICE));
        if (before == ControllerState.ENABLED) {
            try {
                link.shutDown();
                link.disable();
            } catch (NvmeException e) {
                LOG.warn("{} is left without a proper shutdown: {}", name, e.getMessage());
            }
        }
        link.isolate();
        queues.close();
        link.close();
        LOG.info("{} is detached", name);
    }

    private void requireEnabled() throws NvmeException {
        if (state != ControllerState.ENABLED) {
            throw new NvmeException(
                    state == ControllerState.FAILED ? Kind.FATAL : Kind.GONE, "controller " + name + " is " + state);
        }
    }
}
