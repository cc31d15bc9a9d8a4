package dev.ringside.bdev.scsi;

import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.SasDomain;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.host.ScsiHostException.Kind;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.bdev.scsi.queue.BareQueue;
import dev.ringside.bdev.scsi.queue.DiskChannel;
import dev.ringside.bdev.scsi.queue.HostQueue;
import dev.ringside.bdev.scsi.queue.QueueHub;
import dev.ringside.bdev.scsi.queue.QueueSettings;
import dev.ringside.bdev.scsi.queue.Unit;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.ControlThread;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An adapter that is driven from here, with the disks behind it. Whatever has to wait for it is done by one thread of its own:
 * discovery, and the recovery of what hangs. Requests go past that thread, through the queues of each reactor. Any thread, unless a
 * method says otherwise.
 */
public final class ScsiHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScsiHost.class);
    /** After this time what was not as it should be is looked at again. */
    static final long SCAN_AGAIN_NS = TimeUnit.SECONDS.toNanos(2);

    private static final long NEVER = Long.MAX_VALUE;

    private final String name;
    private final ScsiHostDriver driver;
    private final ScsiListener listener;
    private final ControlThread thread;
    private final HostPort port;
    private final HostQueues queues;
    private final Recovery recovery;
    private final DeviceCommands commands;
    private final HostDisks disks;
    private final AtomicLong resets = new AtomicLong();
    /** When to scan next, in ns of {@link System#nanoTime}. */
    private final AtomicLong scanAt = new AtomicLong(NEVER);

    private volatile SasDomain domain = SasDomain.NONE;
    private volatile HostState state = HostState.CONNECTING;

    private ScsiHost(String name, ScsiHostDriver driver, ScsiOptions options, DiskNames names, ScsiListener listener)
            throws IOException {
        this.name = name;
        this.driver = driver;
        this.listener = listener;
        this.thread = new ControlThread("scsi-" + name, new HostDuty(this));
        HostWork work = new HostWork(this, thread);
        this.port = start(driver, work, options.interrupts());
        HostCapabilities capabilities = driver.capabilities();
        List<QueueHub> hubs = IntStream.range(0, capabilities.queues())
                .mapToObj(i -> new QueueHub(driver.queue(i), capabilities.queueDepth(), port.interrupt(i)))
                .toList();
        port.share(hubs);
        QueueSettings settings = new QueueSettings(
                capabilities.queueDepth() - 1,
                TimeUnit.MILLISECONDS.toNanos(options.ioTimeoutMs()),
                options.retries(),
                TimeUnit.MILLISECONDS.toNanos(options.patienceMs()),
                capabilities.maxSegments(),
                capabilities.segmentBoundary());
        this.queues = new HostQueues(hubs, settings, driver.dma(), work);
        this.recovery = new Recovery(this, port, queues, options);
        this.commands = new DeviceCommands(port, driver, options, recovery, work);
        this.disks = new HostDisks(this, new DiskProbe(commands, capabilities), names, listener);
        this.state = HostState.ENABLED;
    }

    private static HostPort start(ScsiHostDriver driver, HostWork work, boolean interrupts) throws IOException {
        HostPort port = new HostPort(driver, work, interrupts);
        try {
            driver.start(port);
            return port;
        } catch (IOException | RuntimeException e) {
            port.close();
            throw e;
        }
    }

    /**
     * Takes an adapter: brings it up and finds its disks, of which the listener is told, also later.
     *
     * @param driver given over, also when this throws
     * @param names shared by all hosts
     * @throws IOException if the adapter does not come up
     */
    public static ScsiHost attach(
            String name, ScsiHostDriver driver, ScsiOptions options, DiskNames names, ScsiListener listener)
            throws IOException {
        ScsiHost host;
        try {
            host = new ScsiHost(name, driver, options, names, listener);
        } catch (IOException | RuntimeException e) {
            driver.close();
            throw e;
        }
        host.thread.start();
        try {
            host.rescan().get();
        } catch (ExecutionException e) {
            host.close();
            throw new ScsiHostException(Kind.FATAL, String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            host.close();
            throw new ScsiHostException(Kind.FATAL, "interrupted", e);
        }
        LOG.info(
                "{} is attached: {} {}, {} disks",
                name,
                driver.identity().address(),
                driver.identity().model(),
                host.disks().size());
        return host;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** What it is doing. */
    public HostState state() {
        return state;
    }

    /** What its adapter can take. */
    public HostCapabilities capabilities() {
        return driver.capabilities();
    }

    /** The disks behind it, in the order in which they were found. */
    public List<ScsiDisk> disks() {
        return disks.list();
    }

    /** What is known of it. */
    public HostInfo info() {
        SasDomain seen = domain;
        return new HostInfo(
                name,
                state,
                driver.identity(),
                driver.capabilities(),
                resets.get(),
                queues.stats(),
                seen.ports(),
                seen.expanders(),
                Stream.concat(seen.refused().stream(), disks.refusals().stream())
                        .toList());
    }

    /** Looks for what came and went. */
    public CompletableFuture<Void> rescan() {
        return thread.call(() -> {
            requireEnabled();
            scan();
            return null;
        });
    }

    /** Resets the adapter. What is in flight is carried out afterwards; the result is an exception if it stays out of order. */
    public CompletableFuture<Void> reset() {
        return thread.call(() -> {
            if (state == HostState.REMOVED || state == HostState.CLOSED) {
                throw new ScsiHostException(Kind.GONE, name + " is " + state);
            }
            if (!recovery.controller("a reset was asked for")) {
                throw new ScsiHostException(Kind.FATAL, name + " is " + state);
            }
            return null;
        });
    }

    /**
     * Resets a disk behind it: its logical unit, if that does not help its target, and if that does not help the adapter. It has
     * helped when the adapter has no command of the disk any more. What is in flight is carried out afterwards; the result is an
     * exception if the disk has gone, the adapter is out of order, or nothing has helped.
     */
    public CompletableFuture<Void> reset(ScsiDisk disk) {
        return thread.call(() -> {
            requireEnabled();
            if (disk.isGone()) {
                throw new ScsiHostException(Kind.GONE, disk.name() + " has gone");
            }
            if (!recovery.reset(disk.unit())) {
                throw new ScsiHostException(Kind.STATUS, disk.name() + " does not respond, and no reset has helped");
            }
            return null;
        });
    }

    /** Stops the adapter and gives it back. Its bdevs have no users any more; if they do, their requests fail. */
    @Override
    public void close() {
        thread.end(this::shutDown);
    }

    /** A way to a range of a disk; on the reactor. */
    IoChannel openChannel(ScsiDisk disk, long firstBlock, Reactor reactor) throws LinuxException {
        if (state == HostState.REMOVED || state == HostState.CLOSED || disk.isGone()) {
            throw new LinuxException("open", disk.name(), Errno.ENODEV, "it has gone");
        }
        HostQueue queue = queues.of(reactor);
        DiskChannel channel = new DiskChannel(disk.unit(), firstBlock, queue);
        // What happens at the same time reaches the queue by message, but only if it was known by then.
        switch (state) {
            case FAILED -> queue.die(IoStatus.IO_ERROR);
            case REMOVED, CLOSED -> queue.die(IoStatus.NO_DEVICE);
            case CONNECTING, ENABLED, RESETTING -> {
                if (disk.isGone()) {
                    queue.removed(disk.unit());
                }
            }
        }
        return channel;
    }

    /** A share of one of its queues, past everything that puts commands right. */
    BareQueue openBare(ScsiDisk disk, long firstBlock, int slots, int requests) throws LinuxException {
        if (state != HostState.ENABLED || disk.isGone()) {
            throw new LinuxException("open", disk.name(), Errno.ENODEV, "it has gone, or its adapter is out of order");
        }
        return new BareQueue(queues.another(), disk.unit(), firstBlock, slots, requests);
    }

    ScsiHostDriver driver() {
        return driver;
    }

    HostQueues queues() {
        return queues;
    }

    Recovery recovery() {
        return recovery;
    }

    /** Has the bus scanned before long; any thread. */
    void wantScan(long inNs) {
        long at = System.nanoTime() + inNs;
        scanAt.accumulateAndGet(at, (a, b) -> a == NEVER || b - a < 0 ? b : a);
    }

    /** What is done again and again. On the thread. */
    void tick() throws IOException {
        if (state != HostState.ENABLED) {
            return;
        }
        driver.check();
        port.look();
        disks.removeOverdue(System.nanoTime());
        for (HostQueue queue : queues.open()) {
            if (queue.inFlight() > 0) {
                queue.reactor()
                        .execute(() -> queue.checkTimeouts(queue.reactor().nowNs()));
            }
        }
        long at = scanAt.get();
        if (state == HostState.ENABLED && at != NEVER && System.nanoTime() - at >= 0) {
            scan();
        }
    }

    /** Something did not go as it should: does what is due. On the thread. */
    void trouble(IOException problem) {
        if (state == HostState.REMOVED || state == HostState.CLOSED) {
            return;
        }
        Kind kind = problem instanceof ScsiHostException scsi ? scsi.kind() : Kind.STATUS;
        String message = String.valueOf(problem.getMessage());
        switch (kind) {
            case GONE -> removed(message);
            case TIMEOUT, FATAL -> {
                if (state == HostState.ENABLED) {
                    recovery.controller(message);
                }
            }
            case STATUS, UNSUPPORTED -> LOG.warn("{}: {}", name, message);
        }
    }

    /** Looks at a disk again. On the thread. */
    void refresh(Unit unit) throws IOException {
        if (state == HostState.ENABLED) {
            disks.refresh(unit);
        }
    }

    /** Looks at the disks of a target again. On the thread. */
    void refreshTarget(ScsiTarget target) throws IOException {
        if (state == HostState.ENABLED) {
            if (disks.scan(target)) {
                wantScan(SCAN_AGAIN_NS);
            }
        }
    }

    /** A target has gone. On the thread. */
    void removeTarget(ScsiTarget target) {
        disks.removeTarget(target);
    }

    /** The adapter is about to be reset. On the thread. */
    void resetting() {
        state = HostState.RESETTING;
        resets.incrementAndGet();
    }

    /** The adapter works again. On the thread. */
    void works() {
        state = HostState.ENABLED;
        wantScan(0);
        LOG.info("{} is back", name);
    }

    /** The adapter cannot be reset. On the thread. */
    void offline() {
        LOG.error("{} has failed: it cannot be reset", name);
        state = HostState.FAILED;
        queues.onEach(queue -> queue.die(IoStatus.IO_ERROR));
    }

    /** The adapter has gone. On the thread. */
    void removed(String why) {
        LOG.warn("{} is removed: {}", name, why);
        state = HostState.REMOVED;
        queues.onEach(queue -> queue.die(IoStatus.NO_DEVICE));
        disks.removeAll();
        listener.hostRemoved(this);
    }

    private void scan() throws IOException {
        scanAt.set(NEVER);
        List<ScsiTarget> targets;
        try {
            targets = driver.scanBus();
        } catch (IOException e) {
            // Disks may wait for what it tells.
            wantScan(SCAN_AGAIN_NS);
            throw e;
        }
        found(driver.domain());
        queues.wake();
        if (disks.scan(targets)) {
            wantScan(SCAN_AGAIN_NS);
        }
    }

    private void found(SasDomain now) {
        if (!now.refused().equals(domain.refused())) {
            now.refused().forEach(disk -> LOG.warn("{}: {}", name, disk));
        }
        domain = now;
    }

    private void shutDown() {
        state = HostState.CLOSED;
        port.alone(driver::close);
        queues.onEach(queue -> queue.die(IoStatus.NO_DEVICE));
        disks.removeAll();
        queues.freeAll();
        commands.close();
        port.close();
        LOG.info("{} is detached", name);
    }

    private void requireEnabled() throws ScsiHostException {
        if (state != HostState.ENABLED) {
            throw new ScsiHostException(
                    state == HostState.FAILED ? Kind.FATAL : Kind.GONE, "host " + name + " is " + state);
        }
    }
}
