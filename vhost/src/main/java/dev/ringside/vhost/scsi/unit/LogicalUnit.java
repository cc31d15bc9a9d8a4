package dev.ringside.vhost.scsi.unit;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevEvent;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.BdevStats;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.scsi.mode.ModeParameters;
import dev.ringside.scsi.sense.AdditionalSense;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk: what all initiators share of it. Its monitor guards everything that is not said to be otherwise, and is never taken by
 * a reactor.
 */
public final class LogicalUnit {
    private final BdevRegistry registry;
    private final String name;
    private final Naming naming;
    private final ReservationFile file;
    private final Reservations reservations = new Reservations();
    private final List<Consumer<UnitEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<Nexus> nexuses = new ArrayList<>();
    private final List<UnitPort> ports = new ArrayList<>();
    private final RangeLocks ranges = new RangeLocks();
    private final LongAdder verifiedBytes = new LongAdder();
    private final LongAdder verifyErrors = new LongAdder();
    private volatile BdevInfo info;
    private volatile boolean removed;
    private ModeParameters mode;
    private boolean stopped;

    /** Guards what follows, for reactors too; never held while somebody waits. */
    private final Object ways = new Object();

    private @Nullable BdevHandle handle;
    private int channels;
    private boolean retired;

    private LogicalUnit(BdevRegistry registry, BdevInfo info, Naming naming, ReservationFile file) {
        this.registry = registry;
        this.name = info.name();
        this.info = info;
        this.naming = naming;
        this.file = file;
        this.mode = ModeParameters.initial(info.writeCache());
    }

    static LogicalUnit open(BdevRegistry registry, String bdev, Naming naming, ReservationFile file)
            throws BdevException {
        BdevInfo info = registry.find(bdev).info();
        LogicalUnit unit = new LogicalUnit(registry, info, naming, file);
        unit.handle = registry.open(bdev, !info.readOnly(), unit::onEvent);
        return unit;
    }

    /** The name of the bdev. */
    public String name() {
        return name;
    }

    /** The disk as it is now; any thread. */
    public BdevInfo info() {
        return info;
    }

    /** What the operator calls it. */
    public Naming naming() {
        return naming;
    }

    boolean removed() {
        return removed;
    }

    /** Opens the way to the disk for a reactor; on that reactor. */
    public BdevChannel openChannel(Reactor reactor) throws IOException {
        BdevHandle from;
        synchronized (ways) {
            from = handle;
            if (from == null || retired) {
                throw new IOException("bdev " + name + " is gone");
            }
            channels++;
        }
        try {
            return from.openChannel(reactor);
        } catch (IOException e) {
            channelClosed();
            throw e;
        }
    }

    /** Closes a way to the disk; on its reactor, with nothing in flight on it. */
    public void closeChannel(BdevChannel channel) {
        channel.close();
        channelClosed();
    }

    /** Makes the nexus of an initiator and a port, for which the unit has just been turned on. */
    public synchronized Nexus attach(Initiator initiator, UnitPort port) {
        Nexus nexus = new Nexus(this, initiator, port);
        nexus.add(AdditionalSense.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED);
        nexuses.add(nexus);
        update();
        return nexus;
    }

    /** Ends a nexus; what is registered for it stays. */
    public synchronized void detach(Nexus nexus) {
        nexuses.remove(nexus);
        if (nexus.is(reservations.legacy())) {
            reservations.legacy(null);
        }
        update();
    }

    /** An initiator has another name than it had: what is reserved may be its own now. */
    public synchronized void renamed() {
        update();
    }

    /** Adds a port through which the unit is reached. */
    public synchronized void addPort(UnitPort port) {
        ports.add(port);
        portsChanged();
    }

    /** Takes a port away. */
    public synchronized void removePort(UnitPort port) {
        ports.remove(port);
        portsChanged();
    }

    /** MULTIP and the SCSI Ports page say what ports there are. */
    private void portsChanged() {
        attention(AdditionalSense.INQUIRY_DATA_HAS_CHANGED, nexus -> true);
    }

    /** Tells some nexuses that something has happened. */
    public synchronized void attention(AdditionalSense what, Predicate<Nexus> whom) {
        nexuses.stream().filter(whom).forEach(nexus -> nexus.add(what));
        update();
    }

    /** Takes the oldest unit attention of a nexus. */
    public synchronized Optional<AdditionalSense> takeAttention(Nexus nexus) {
        Optional<AdditionalSense> taken = nexus.take();
        update();
        return taken;
    }

    /** What was told otherwise need not be told any more. */
    public synchronized void dropAttention(Nexus nexus, AdditionalSense what) {
        nexus.drop(what);
        update();
    }

    /** A logical unit reset has been done: its effects on what all share (SAM-6, 6.3.3). */
    public synchronized void reset() {
        reservations.legacy(null);
        mode = ModeParameters.initial(info.writeCache());
        stopped = false;
        attention(AdditionalSense.BUS_DEVICE_RESET_FUNCTION_OCCURRED, nexus -> true);
    }

    /** A nexus has been reset: its effects on what all share (SAM-6, 6.3.4). */
    public synchronized void nexusReset(Nexus nexus) {
        if (nexus.is(reservations.legacy())) {
            reservations.legacy(null);
        }
        attention(AdditionalSense.I_T_NEXUS_LOSS_OCCURRED, nexus::is);
    }

    /** The nexuses that there are. */
    public synchronized List<Nexus> nexuses() {
        return List.copyOf(nexuses);
    }

    /** The ranges that are locked; any thread. */
    public RangeLocks ranges() {
        return ranges;
    }

    /** Counts what VERIFY and its like have looked at; any thread. */
    public void countVerified(long bytes) {
        verifiedBytes.add(bytes);
    }

    /** Counts a VERIFY that failed; any thread. */
    public void countVerifyError() {
        verifyErrors.increment();
    }

    synchronized ModeParameters mode() {
        return mode;
    }

    /** Puts other mode parameters in force, and tells the other nexuses. */
    synchronized void mode(ModeParameters next, Nexus by) {
        if (!next.equals(mode)) {
            mode = next;
            attention(AdditionalSense.MODE_PARAMETERS_CHANGED, nexus -> !nexus.is(by));
        }
    }

    synchronized boolean stopped() {
        return stopped;
    }

    synchronized void stop(boolean on) {
        stopped = on;
        update();
    }

    synchronized List<UnitPort> ports() {
        return List.copyOf(ports);
    }

    long verifiedBytes() {
        return verifiedBytes.sum();
    }

    long verifyErrors() {
        return verifyErrors.sum();
    }

    /** What has been done on the bdev; waits for its reactors. */
    BdevStats stats() throws BdevException {
        return registry.stats(name).join();
    }

    /** The reservations; under the unit's lock. */
    Reservations reservations() {
        return reservations;
    }

    ReservationFile file() {
        return file;
    }

    synchronized UnitState state() {
        return new UnitState(
                name,
                mode.writeCache(),
                mode.descriptorSense(),
                mode.writeProtect(),
                stopped,
                reservations.registrations(),
                reservations.held(),
                reservations.persists(),
                reservations.generation());
    }

    /** Goes on as the unit was in another process; no initiator is attached. */
    synchronized void adopt(UnitState state) {
        mode = new ModeParameters(
                info.writeCache(),
                info.writeCache() && state.writeCache(),
                state.descriptorSense(),
                state.writeProtect());
        stopped = state.stopped();
        reservations.adopt(state);
    }

    /** The unit attentions of a nexus that wait, oldest first. */
    public synchronized List<AdditionalSense> attentions(Nexus nexus) {
        return nexus.attentions();
    }

    /** Whether a nexus has reserved the unit by a RESERVE of SPC-2. */
    public synchronized boolean reservedBy(Nexus nexus) {
        return nexus.is(reservations.legacy());
    }

    /**
     * Goes on with a nexus as it was in another process.
     *
     * @param attentions the unit attentions that wait, oldest first
     * @param reserves whether it has reserved the unit by a RESERVE of SPC-2
     */
    public synchronized void adopt(Nexus nexus, List<AdditionalSense> attentions, boolean reserves) {
        nexus.attentions(attentions);
        if (reserves) {
            reservations.legacy(nexus);
        }
        update();
    }

    void loadReservations() throws IOException {
        synchronized (this) {
            file.load(reservations);
        }
    }

    /** Brings all nexuses up to date; under the unit's lock. */
    void update() {
        boolean readOnly = info.readOnly();
        for (Nexus nexus : nexuses) {
            nexus.update(readOnly, stopped, mode, reservations.forbidden(nexus));
        }
    }

    void join(Consumer<UnitEvent> listener) {
        listeners.add(listener);
    }

    /** True if nobody has it open any more; it closes when the last channel does. */
    boolean leave(Consumer<UnitEvent> listener) {
        listeners.remove(listener);
        if (listeners.isEmpty()) {
            retire();
            return true;
        }
        return false;
    }

    void retire() {
        synchronized (ways) {
            retired = true;
        }
        closeIfUnused();
    }

    private void channelClosed() {
        synchronized (ways) {
            channels--;
        }
        closeIfUnused();
    }

    private void closeIfUnused() {
        BdevHandle closing;
        synchronized (ways) {
            if (!retired || channels > 0) {
                return;
            }
            closing = handle;
            handle = null;
        }
        if (closing != null) {
            closing.close();
        }
    }

    private void onEvent(BdevEvent event) {
        switch (event) {
            case BdevEvent.Resized resized -> {
                info = resized.info();
                attention(AdditionalSense.CAPACITY_DATA_HAS_CHANGED, nexus -> true);
                listeners.forEach(listener -> listener.accept(UnitEvent.RESIZED));
            }
            case BdevEvent.Removed gone -> {
                removed = true;
                listeners.forEach(listener -> listener.accept(UnitEvent.REMOVED));
            }
        }
    }
}
