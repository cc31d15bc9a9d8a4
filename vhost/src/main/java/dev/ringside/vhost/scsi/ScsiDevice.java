package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.scsi.LunAddress;
import dev.ringside.scsi.sense.AdditionalSense;
import dev.ringside.vhost.ControllerDevice;
import dev.ringside.vhost.VirtioFeature;
import dev.ringside.vhost.device.DeviceQueue;
import dev.ringside.vhost.device.VirtioDevice;
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.scsi.unit.LogicalUnit;
import dev.ringside.vhost.scsi.unit.LogicalUnits;
import dev.ringside.vhost.scsi.unit.Naming;
import dev.ringside.vhost.scsi.unit.UnitEvent;
import dev.ringside.vhost.scsi.unit.UnitPort;
import dev.ringside.vhost.wire.ProtocolException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A virtio SCSI host device with its targets, for all sessions of its controller. Control plane; any thread. */
public final class ScsiDevice implements ControllerDevice {
    private static final Logger LOG = LoggerFactory.getLogger(ScsiDevice.class);

    private final String name;
    private final LogicalUnits units;
    private final Executor control;
    private final MemoryListener memoryListener;
    /** Held by whoever adds or removes a unit or a session, and waits for reactors while it is; never by a reactor. */
    private final ReentrantLock changing = new ReentrantLock();

    /** Changed under the lock, read by anybody. */
    private final Targets targets;
    /** Guarded by the lock. */
    private final List<ScsiSession> sessions = new ArrayList<>();

    /**
     * A logical unit of a target.
     *
     * @param target from 0 to 255
     * @param number in its target, from 0 to 16383
     * @param port of the target
     * @param listener what the unit tells its events
     */
    public record Lun(int target, int number, LogicalUnit unit, UnitPort port, Consumer<UnitEvent> listener) {
        /** Its address, as drivers have it. */
        long address() {
            return VirtioLun.of(target, number);
        }
    }

    /**
     * Makes one without targets.
     *
     * @param name of the controller
     * @param control runs commands that are rare, one at a time
     * @param memory told of the memory of the device's guests
     */
    public ScsiDevice(String name, LogicalUnits units, PortNumbers ports, Executor control, MemoryListener memory) {
        this.name = name;
        this.units = units;
        this.targets = new Targets(name, ports);
        this.control = control;
        this.memoryListener = memory;
    }

    @Override
    public MemoryListener memoryListener() {
        return memoryListener;
    }

    /** The name of the controller. */
    public String name() {
        return name;
    }

    /** The targets in order, each with its units in order. */
    public NavigableMap<Integer, List<Lun>> targets() {
        return targets.all();
    }

    /**
     * Adds a logical unit over a bdev, and tells the guests.
     *
     * @param wanted the target, from 0 to 255; -1: the first that is free
     * @param lun number in the target, from 0 to 16383
     * @return the target
     * @throws BdevException EEXIST if that unit is there already, ENOSPC if no target is free, EINVAL if a number or the
     *     naming is impossible, ENODEV or EBUSY if the bdev cannot be opened, EIO if a queue cannot reach it
     */
    public int add(int wanted, int lun, BdevRegistry registry, String bdev, Naming naming) throws BdevException {
        if (wanted < -1 || wanted >= ScsiLayout.TARGETS || lun < 0 || lun > LunAddress.MAX_LUN) {
            throw new BdevException(
                    Errno.EINVAL,
                    "target " + wanted + ", logical unit " + lun + ": targets from -1 to 255 and units from 0 to 16383"
                            + " are allowed");
        }
        changing.lock();
        try {
            int target = wanted == -1 ? targets.firstFree() : wanted;
            if (targets.find(target, lun).isPresent()) {
                throw new BdevException(Errno.EEXIST, "target " + target + " has a logical unit " + lun + " already");
            }
            Consumer<UnitEvent> listener = event -> happened(event, target, lun);
            Lun added = targets.add(target, lun, units.open(registry, bdev, naming, listener), listener);
            try {
                for (ScsiSession session : sessions) {
                    session.add(added);
                }
            } catch (IOException e) {
                takeAway(added);
                throw new BdevException(Errno.EIO, String.valueOf(e.getMessage()));
            }
            listChanged(added);
            post(ScsiEvent.appeared(target, lun));
            return target;
        } finally {
            changing.unlock();
        }
    }

    /**
     * Takes a target with all its units away, and tells the guests. What is in flight ends as it would.
     *
     * @throws BdevException ENODEV if there is no such target
     */
    public void remove(int target) throws BdevException {
        changing.lock();
        try {
            List<Lun> luns = targets.luns(target);
            if (luns.isEmpty()) {
                throw new BdevException(Errno.ENODEV, "there is no target " + target);
            }
            luns.forEach(this::removeLocked);
        } finally {
            changing.unlock();
        }
    }

    /**
     * Takes one logical unit away, and the target with the last of them.
     *
     * @throws BdevException ENODEV if there is no such unit
     */
    public void remove(int target, int lun) throws BdevException {
        changing.lock();
        try {
            removeLocked(targets.find(target, lun)
                    .orElseThrow(
                            () -> new BdevException(Errno.ENODEV, "target " + target + " has no logical unit " + lun)));
        } finally {
            changing.unlock();
        }
    }

    @Override
    public VirtioDevice connect() {
        changing.lock();
        try {
            return connected();
        } finally {
            changing.unlock();
        }
    }

    /**
     * The device as a front end sees it that was connected to another process.
     *
     * @throws IllegalArgumentException if it had a logical unit that is not here
     */
    public VirtioDevice connect(InitiatorState state) {
        changing.lock();
        try {
            ScsiSession session = connected();
            try {
                session.adopt(state);
            } catch (IllegalArgumentException e) {
                disconnect(session);
                throw e;
            }
            return session;
        } finally {
            changing.unlock();
        }
    }

    private ScsiSession connected() {
        try {
            ScsiSession session = new ScsiSession(this, targets);
            for (Lun lun : targets.luns()) {
                session.add(lun);
            }
            sessions.add(session);
            return session;
        } catch (IOException e) {
            throw new IllegalStateException("a session without queues cannot fail to open one", e);
        }
    }

    /**
     * Makes a front end that is about to send commands the initiator port that it was before, or else the lowest, of those that
     * no other is now: who comes back, or takes a guest over by migration, is who it was. Not on a reactor.
     */
    void choosePort(ScsiSession session) {
        changing.lock();
        try {
            BitSet taken = new BitSet();
            sessions.stream()
                    .filter(ScsiSession::sends)
                    .mapToInt(ScsiSession::index)
                    .forEach(taken::set);
            int before = session.index();
            session.become(before < 0 || taken.get(before) ? taken.nextClearBit(0) : before);
        } finally {
            changing.unlock();
        }
    }

    @Override
    public void disconnect(VirtioDevice seen) {
        changing.lock();
        try {
            if (seen instanceof ScsiSession session && sessions.remove(session)) {
                session.close();
            }
        } finally {
            changing.unlock();
        }
    }

    /** What is known of a front end beside its rings; while it has nothing in flight. Not on a reactor. */
    public Optional<InitiatorState> state(VirtioDevice seen) {
        return seen instanceof ScsiSession session ? Optional.of(session.state()) : Optional.empty();
    }

    @Override
    public Runnable holdOpen(Reactor reactor) throws IOException {
        Map<LogicalUnit, BdevChannel> channels = new HashMap<>();
        Runnable close = () -> channels.forEach(LogicalUnit::closeChannel);
        try {
            for (Lun lun : targets.luns()) {
                if (!channels.containsKey(lun.unit())) {
                    channels.put(lun.unit(), lun.unit().openChannel(reactor));
                }
            }
            return close;
        } catch (IOException e) {
            close.run();
            throw e;
        }
    }

    @Override
    public long features() {
        return ScsiLayout.INOUT | ScsiLayout.HOTPLUG | ScsiLayout.CHANGE | VirtioFeature.RING_PACKED;
    }

    @Override
    public int queues() {
        return ScsiLayout.MAX_QUEUES;
    }

    @Override
    public void readConfig(MemorySegment target) {
        ScsiConfig.write(target);
    }

    @Override
    public void writeConfig(long offset, MemorySegment bytes) throws ProtocolException {
        ScsiConfig.check(offset, bytes);
    }

    @Override
    public void addConfigListener(Runnable listener) {
        // The config space never changes.
    }

    @Override
    public void removeConfigListener(Runnable listener) {
        // The config space never changes.
    }

    @Override
    public DeviceQueue openQueue(int index, long features, Reactor reactor) throws IOException {
        throw new IllegalStateException("queues belong to a session");
    }

    @Override
    public void close() {
        changing.lock();
        try {
            targets.luns().forEach(this::takeAway);
        } finally {
            changing.unlock();
        }
    }

    Executor control() {
        return control;
    }

    private void happened(UnitEvent event, int target, int number) {
        changing.lock();
        try {
            Optional<Lun> lun = targets.find(target, number);
            if (lun.isEmpty()) {
                return;
            }
            switch (event) {
                case RESIZED -> post(ScsiEvent.changed(target, number, AdditionalSense.CAPACITY_DATA_HAS_CHANGED));
                case REMOVED -> {
                    LOG.info("{}: the bdev of target {}, logical unit {} is gone", name, target, number);
                    removeLocked(lun.get());
                }
            }
        } finally {
            changing.unlock();
        }
    }

    private void post(ScsiEvent event) {
        sessions.forEach(session -> session.post(event));
    }

    private void removeLocked(Lun lun) {
        takeAway(lun);
        listChanged(lun);
        post(ScsiEvent.removed(lun.target(), lun.number()));
    }

    /** Tells the initiators of a target that the list of its units has changed, through the units but the one that did. */
    private void listChanged(Lun but) {
        for (Lun lun : targets.luns(but.target())) {
            if (lun.number() != but.number()) {
                lun.unit()
                        .attention(
                                AdditionalSense.REPORTED_LUNS_DATA_HAS_CHANGED,
                                nexus -> nexus.port().equals(but.port()));
            }
        }
    }

    private void takeAway(Lun lun) {
        targets.remove(lun);
        sessions.forEach(session -> session.remove(lun.address()));
        lun.unit().removePort(lun.port());
        units.leave(lun.unit(), lun.listener());
    }
}
