package dev.ringside.daemon.target;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.nvme.NvmeController;
import dev.ringside.bdev.nvme.NvmeException;
import dev.ringside.bdev.nvme.NvmeListener;
import dev.ringside.bdev.nvme.NvmeOptions;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.vfio.VfioHost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The NVMe controllers that are driven from here, and their namespaces among the disks. Any thread; whoever changes
 * something holds the {@link ControlLock}, which is taken here for what controllers do of themselves.
 */
public final class NvmeControllers implements NvmeListener, AutoCloseable {
    /** Named for what the messages are about, so that the component's log flag covers them. */
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);

    private static final String HOT_NAME = "HotInNvme";

    private final Disks disks;
    private final ControlLock control;
    private final DeviceEvents events;
    private final VfioHost host;
    private final PciBus bus = new PciBus();
    /** By name, in the order in which they were attached; guarded by this object's monitor, as is what follows. */
    private final Map<String, NvmeController> attached = new LinkedHashMap<>();
    /** Names of those that went of themselves, by their places. */
    private final Map<PciAddress, String> gone = new LinkedHashMap<>();

    private NvmeOptions options = NvmeOptions.DEFAULT;
    private int reactors = 1;
    private Hotplug hotplug = new Hotplug(false, Hotplug.DEFAULT_PERIOD_US);
    private @Nullable ScheduledFuture<?> scan;

    /**
     * Whether new controllers are attached of themselves.
     *
     * @param periodUs how often is looked for them
     */
    public record Hotplug(boolean enabled, long periodUs) {
        /** If nothing else is said. */
        public static final long DEFAULT_PERIOD_US = 100_000;
    }

    /**
     * Makes a target without controllers.
     *
     * @param host what they are driven through; shared by all drivers
     */
    public NvmeControllers(Disks disks, ControlLock control, VfioHost host) {
        this.disks = disks;
        this.control = control;
        this.events = new DeviceEvents(control, "nvme-events", "an NVMe controller", LOG);
        this.host = host;
    }

    /**
     * Begins.
     *
     * @param idle what reactors do without work, which decides about interrupts
     * @param users how many reactors there are, each of which uses a drive by queues of its own
     */
    public synchronized void start(IdleMode idle, int users) {
        options = options.withInterrupts(idle == IdleMode.INTERRUPT);
        reactors = users;
    }

    /** How many reactors there are; 1 before they are there. */
    public synchronized int reactors() {
        return reactors;
    }

    /** How controllers are driven that are attached from now on. */
    public synchronized NvmeOptions options() {
        return options;
    }

    /** Changes how controllers are driven that are attached from now on. */
    public synchronized void setOptions(NvmeOptions changed) {
        options = changed;
    }

    /** Whether new controllers are attached of themselves. */
    public synchronized Hotplug hotplug() {
        return hotplug;
    }

    /** Attaches new controllers of themselves, or does not any more. */
    public synchronized void setHotplug(Hotplug changed) {
        hotplug = changed;
        if (scan != null) {
            scan.cancel(false);
            scan = null;
        }
        if (changed.enabled()) {
            scan = events.repeat(this::attachNew, changed.periodUs());
        }
    }

    /** Those that are attached, in the order in which they were. */
    public synchronized List<NvmeController> list() {
        return List.copyOf(attached.values());
    }

    /**
     * One by its name.
     *
     * @throws BdevException ENODEV if there is none
     */
    public synchronized NvmeController find(String name) throws BdevException {
        NvmeController controller = attached.get(name);
        if (controller == null) {
            throw new BdevException(Errno.ENODEV, "there is no NVMe controller " + name);
        }
        return controller;
    }

    /**
     * Takes a controller, and makes its namespaces known.
     *
     * @return the names of the disks
     * @throws BdevException EEXIST if the name or the controller is in use, ENODEV if there is none, EINVAL if it is not an
     *     NVMe controller, and what the controller or the system says
     */
    public List<String> attach(String name, PciAddress address) throws BdevException {
        requireFree(name, address);
        try {
            PciDevice device = bus.find(address)
                    .orElseThrow(() -> new BdevException(Errno.ENODEV, "there is no PCI device " + address));
            if (!device.isNvme()) {
                throw new BdevException(
                        Errno.EINVAL,
                        String.format("%s is no NVMe controller: its class is %06x", address, device.classCode()));
            }
            List<String> names = adopt(name, host.open(device));
            synchronized (this) {
                gone.remove(address);
            }
            return names;
        } catch (LinuxException e) {
            throw new BdevException(e.errno(), message(name, e));
        } catch (NvmeException e) {
            throw new BdevException(e.errno(), message(name, e));
        } catch (IOException e) {
            throw new BdevException(Errno.EIO, message(name, e));
        }
    }

    /**
     * Takes a controller that is open already, and makes its namespaces known.
     *
     * @param name that no other has
     * @param function given over, also when this throws
     * @return the names of the disks
     * @throws IOException what the controller says
     */
    public List<String> adopt(String name, PciFunction function) throws IOException {
        NvmeController controller = NvmeController.attach(name, function, options(), this);
        synchronized (this) {
            attached.put(name, controller);
        }
        List<String> names = new ArrayList<>();
        for (NvmeBdev bdev : controller.namespaces()) {
            if (add(bdev)) {
                names.add(bdev.info().name());
            }
        }
        return names;
    }

    /**
     * Takes a controller's disks away from their users.
     *
     * @return done when the last of them has let go and the controller is given back; to be awaited without the lock
     * @throws BdevException ENODEV if there is none
     */
    public CompletableFuture<Void> detach(String name) throws BdevException {
        NvmeController controller = find(name);
        synchronized (this) {
            attached.remove(name);
        }
        return letGo(controller);
    }

    @Override
    public void namespaceAdded(NvmeBdev bdev) {
        events.follow(() -> add(bdev));
    }

    @Override
    public void namespaceRemoved(NvmeBdev bdev) {
        events.follow(() -> {
            CompletableFuture<Void> unused = remove(bdev);
            return unused.isDone();
        });
    }

    @Override
    public void namespaceResized(NvmeBdev bdev) {
        events.follow(() -> {
            disks.registry().resized(bdev);
            return true;
        });
    }

    @Override
    public void controllerRemoved(NvmeController controller) {
        events.follow(() -> {
            synchronized (this) {
                if (attached.remove(controller.name(), controller)) {
                    PciAddress.parse(controller.info().address())
                            .ifPresent(address -> gone.put(address, controller.name()));
                }
            }
            CompletableFuture<Void> unused = letGo(controller);
            return unused.isDone();
        });
    }

    /** Gives all controllers back; their disks have no users any more. */
    @Override
    public void close() {
        setHotplug(new Hotplug(false, Hotplug.DEFAULT_PERIOD_US));
        events.close();
        for (NvmeController controller : list()) {
            controller.close();
        }
        synchronized (this) {
            attached.clear();
        }
    }

    private synchronized void requireFree(String name, PciAddress address) throws BdevException {
        if (attached.containsKey(name)) {
            throw new BdevException(Errno.EEXIST, "NVMe controller " + name + " already exists");
        }
        for (NvmeController other : attached.values()) {
            if (other.info().address().equals(address.toString())) {
                throw new BdevException(Errno.EEXIST, address + " is attached already, as " + other.name());
            }
        }
    }

    private CompletableFuture<Void> letGo(NvmeController controller) {
        CompletableFuture<?>[] disksGone =
                controller.namespaces().stream().map(this::remove).toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(disksGone).thenRunAsync(controller::close, task -> new Thread(task).start());
    }

    /** Makes those namespaces of a controller known that are not, if it is still attached; how many it has. */
    int addAll(NvmeController controller) {
        List<NvmeBdev> namespaces = list().contains(controller) ? controller.namespaces() : List.of();
        namespaces.forEach(this::add);
        return namespaces.size();
    }

    private boolean add(NvmeBdev bdev) {
        Optional<Disk> known = disks.made(bdev.info().name());
        if (known.isPresent() && known.get().bdev() == bdev) {
            return true;
        }
        try {
            disks.add(new Disk(DiskKind.NVME, bdev, JsonNodeFactory.instance.objectNode()));
            return true;
        } catch (BdevException e) {
            LOG.error("{} is not there: {}", bdev.info().name(), e.getMessage());
            return false;
        }
    }

    private CompletableFuture<Void> remove(NvmeBdev bdev) {
        try {
            return disks.remove(DiskKind.NVME, bdev.info().name());
        } catch (BdevException e) {
            // It never was there.
            return CompletableFuture.completedFuture(null);
        }
    }

    private void attachNew() {
        try {
            for (PciDevice device : bus.list()) {
                if (device.isNvme() && device.driver().equals(Optional.of(PciBus.VFIO_DRIVER)) && isNew(device)) {
                    control.change(() -> attachOne(device.address()));
                }
            }
        } catch (Exception e) {
            LOG.warn("looking for new NVMe controllers: {}", e.getMessage());
        }
    }

    private synchronized boolean isNew(PciDevice device) {
        String address = device.address().toString();
        return attached.values().stream()
                .noneMatch(controller -> controller.info().address().equals(address));
    }

    private boolean attachOne(PciAddress address) {
        String name = nameFor(address);
        try {
            LOG.info("{} is new at {}: {}", name, address, attach(name, address));
            return true;
        } catch (BdevException e) {
            LOG.debug("{}: {}", address, e.getMessage());
            return false;
        }
    }

    /** What was in that place before goes by its old name, and anything else by a new one. */
    private synchronized String nameFor(PciAddress address) {
        String before = gone.get(address);
        if (before != null && !attached.containsKey(before)) {
            return before;
        }
        int number = 0;
        while (attached.containsKey(HOT_NAME + number)) {
            number++;
        }
        return HOT_NAME + number;
    }

    private static String message(String name, Exception e) {
        return "NVMe controller " + name + ": " + e.getMessage();
    }
}
