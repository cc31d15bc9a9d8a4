package dev.ringside.daemon.target;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.Layering;
import dev.ringside.bdev.fault.DeviceFault;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.fault.FaultRun;
import dev.ringside.bdev.fault.FaultyFunction;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.vhost.SessionStatus;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.session.RingFault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The faults that operators and tests have given to disks, to the virtqueues of controllers, and to devices. They are in no configuration,
 * and end with the daemon. Any thread; whoever changes something holds the {@link ControlLock}.
 */
public final class FaultInjections implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FaultInjections.class);

    private final BdevRegistry registry;
    private final Controllers controllers;
    private final FaultyDevices devices;
    private final BooleanSupplier allowed;
    /** In the order in which they were given; guarded by this object's monitor. */
    private final List<Injection> injections = new ArrayList<>();

    private int nextId = 1;

    /**
     * Makes one without faults.
     *
     * @param allowed whether the daemon, or one before it that it has taken over, was started for them
     */
    public FaultInjections(Disks disks, Controllers controllers, FaultyDevices devices, BooleanSupplier allowed) {
        this.allowed = allowed;
        this.devices = devices;
        this.registry = disks.registry();
        this.controllers = controllers;
    }

    /** Whether faults may be given. */
    public boolean allowed() {
        return allowed.getAsBoolean();
    }

    /** What has faults. */
    public sealed interface Target {
        /** The name of the disk or of the controller, or the address of the device. */
        String name();

        /** The disk, the controller or the device; the same object in all injections of it. */
        Object subject();

        /** How the faults go, in the order in which they were given. */
        List<FaultRun> runs();

        /**
         * A disk.
         *
         * @param point where its faults happen, those of all injections
         */
        record OfBdev(Bdev subject, FaultPoint point, List<LiveFault> faults) implements Target {
            @Override
            public String name() {
                return subject.info().name();
            }

            @Override
            public List<FaultRun> runs() {
                return faults.stream().map(LiveFault::run).toList();
            }
        }

        /** The virtqueues of a controller that ran when the faults were given. */
        record OfController(VhostController subject, List<RingFault> faults) implements Target {
            @Override
            public String name() {
                return subject.name();
            }

            @Override
            public List<FaultRun> runs() {
                return faults.stream().map(RingFault::run).toList();
            }
        }

        /** A device that a driver of the daemon has. */
        record OfDevice(PciAddress address, FaultyFunction subject, List<DeviceFault> faults) implements Target {
            @Override
            public String name() {
                return address.toString();
            }

            @Override
            public List<FaultRun> runs() {
                return faults.stream().map(DeviceFault::run).toList();
            }
        }
    }

    /** Faults that were given together. */
    public record Injection(int id, Target target) {}

    /**
     * Gives a disk faults, behind those that it has.
     *
     * @param name of the disk, or an alias
     * @return the number of the injection
     * @throws BdevException ENODEV if there is no such disk
     */
    public int inject(String name, List<LiveFault> faults) throws BdevException {
        Bdev bdev = registry.find(name).bdev();
        FaultPoint point = of(bdev, Target.OfBdev.class)
                .map(Target.OfBdev::point)
                .findFirst()
                .orElseGet(FaultPoint::new);
        Injection injection = add(new Target.OfBdev(bdev, point, faults));
        apply(injection.target());
        return injection.id();
    }

    /**
     * Gives the virtqueues of a controller that run now faults, behind those that they have.
     *
     * @param name of the controller
     * @return the number of the injection
     * @throws VhostException ENODEV if there is no such controller, ENOTCONN if none of its virtqueues runs
     */
    public int injectRings(String name, List<RingFault> faults) throws VhostException, BdevException {
        VhostController controller = controllers.target().find(name);
        if (controller.sessions().stream().noneMatch(SessionStatus::started)) {
            throw new VhostException(Errno.ENOTCONN, "no virtqueue of " + name + " runs");
        }
        Injection injection = add(new Target.OfController(controller, faults));
        apply(injection.target());
        return injection.id();
    }

    /**
     * Gives a device that a driver of the daemon has faults, behind those that it has.
     *
     * @return the number of the injection
     * @throws BdevException ENODEV if no driver of the daemon has it
     */
    public int injectDevice(PciAddress address, List<DeviceFault> faults) throws BdevException {
        FaultyFunction function = devices.find(address)
                .orElseThrow(() -> new BdevException(Errno.ENODEV, "nothing here drives a device " + address));
        Injection injection = add(new Target.OfDevice(address, function, faults));
        apply(injection.target());
        return injection.id();
    }

    /** What there is now, in the order in which it was given. */
    public synchronized List<Injection> list() {
        injections.removeIf(injection -> !isThere(injection.target()));
        return List.copyOf(injections);
    }

    /**
     * Ends faults; what they hold goes on.
     *
     * @throws BdevException ENOENT if there is no such injection
     */
    public void stop(int id) throws BdevException {
        Injection stopped = list().stream()
                .filter(injection -> injection.id() == id)
                .findFirst()
                .orElseThrow(() -> new BdevException(Errno.ENOENT, "there is no injection " + id));
        synchronized (this) {
            injections.remove(stopped);
        }
        stopped.target().runs().forEach(FaultRun::end);
        apply(stopped.target());
        LOG.warn(
                "the faults of injection {} of {} have ended",
                id,
                stopped.target().name());
    }

    /** Ends all faults. */
    @Override
    public void close() {
        for (Injection injection : list()) {
            try {
                stop(injection.id());
            } catch (BdevException e) {
                LOG.debug("injection {} has ended by itself: {}", injection.id(), e.getMessage());
            }
        }
    }

    private synchronized Injection add(Target target) {
        Injection injection = new Injection(nextId++, target);
        injections.add(injection);
        LOG.warn("{} has faults, by injection {}", target.name(), injection.id());
        return injection;
    }

    /** The injections of a disk, a controller or a device, in the order in which they were given. */
    private <T extends Target> Stream<T> of(Object subject, Class<T> kind) {
        return list().stream()
                .map(Injection::target)
                .filter(target -> target.subject() == subject)
                .map(kind::cast);
    }

    /** Has a target the faults that all of its injections give it. */
    private void apply(Target target) throws BdevException {
        switch (target) {
            case Target.OfBdev disk -> {
                List<LiveFault> faults = of(disk.subject(), Target.OfBdev.class)
                        .flatMap(each -> each.faults().stream())
                        .toList();
                disk.point().set(faults);
                registry.layer(disk.name(), Layering.Place.FAULTS, faults.isEmpty() ? null : disk.point())
                        .join();
            }
            case Target.OfController rings ->
                rings.subject()
                        .useFaults(of(rings.subject(), Target.OfController.class)
                                .flatMap(each -> each.faults().stream())
                                .toList())
                        .join();
            case Target.OfDevice device ->
                device.subject()
                        .set(of(device.subject(), Target.OfDevice.class)
                                .flatMap(each -> each.faults().stream())
                                .toList());
        }
    }

    /** Another one may have the name by now. */
    private boolean isThere(Target target) {
        try {
            return switch (target) {
                case Target.OfBdev disk -> registry.find(disk.name()).bdev() == disk.subject();
                case Target.OfController rings -> controllers.target().find(rings.name()) == rings.subject();
                case Target.OfDevice device -> devices.find(device.address()).orElse(null) == device.subject();
            };
        } catch (BdevException | VhostException e) {
            return false;
        }
    }
}
