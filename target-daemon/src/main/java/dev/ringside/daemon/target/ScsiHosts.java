package dev.ringside.daemon.target;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.scsi.DiskNames;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.bdev.scsi.ScsiListener;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.bdev.scsi.host.ScsiHostDriverProvider;
import dev.ringside.bdev.scsi.host.ScsiHostException;
import dev.ringside.bdev.scsi.mpt3sas.Mpt3sasProvider;
import dev.ringside.bdev.scsi.mptsas.MptsasProvider;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.vfio.VfioHost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SCSI hosts that are driven from here. Any thread; whoever changes something holds the {@link ControlLock}, which is taken here
 * for what hosts do of themselves.
 */
public final class ScsiHosts implements ScsiListener, AutoCloseable {
    /** The drivers of adapters that there are. */
    public static final List<ScsiHostDriverProvider> DRIVERS = List.of(new MptsasProvider(), new Mpt3sasProvider());

    /** Named for what the messages are about, so that the component's log flag covers them. */
    private static final Logger LOG = LoggerFactory.getLogger(ScsiHost.class);

    private final DeviceEvents events;
    private final VfioHost vfio;
    private final List<ScsiHostDriverProvider> drivers;
    private final PciBus bus = new PciBus();
    private final DiskNames names = new DiskNames();
    private final ScsiParts parts;
    /** In the order in which they were attached; guarded by this object's monitor, as is what follows. */
    private final Map<PciAddress, ScsiHost> attached = new LinkedHashMap<>();

    private ScsiOptions options = ScsiOptions.DEFAULT;
    private int count;

    /**
     * Makes a target without hosts.
     *
     * @param vfio what they are driven through; shared by all drivers
     * @param drivers of adapters
     */
    public ScsiHosts(Disks disks, ControlLock control, VfioHost vfio, List<ScsiHostDriverProvider> drivers) {
        this.parts = new ScsiParts(disks, this);
        this.events = new DeviceEvents(control, "scsi-events", "a SCSI host", LOG);
        this.vfio = vfio;
        this.drivers = List.copyOf(drivers);
    }

    /** Begins: says what reactors do without work, which decides about interrupts. */
    public synchronized void start(IdleMode idle) {
        options = options.withInterrupts(idle == IdleMode.INTERRUPT);
    }

    /** How hosts are driven that are attached from now on. */
    public synchronized ScsiOptions options() {
        return options;
    }

    /** Changes how hosts are driven that are attached from now on. */
    public synchronized void setOptions(ScsiOptions changed) {
        options = changed;
    }

    /** Those that are attached, in the order in which they were, with where they are. */
    public synchronized Map<PciAddress, ScsiHost> list() {
        return new LinkedHashMap<>(attached);
    }

    /** The parts of their disks. */
    public ScsiParts parts() {
        return parts;
    }

    /** All disks behind them. */
    public List<ScsiDisk> allDisks() {
        return list().values().stream().flatMap(host -> host.disks().stream()).toList();
    }

    /**
     * A disk by its name or its stable name.
     *
     * @throws BdevException ENODEV if there is none
     */
    public ScsiDisk disk(String name) throws BdevException {
        return present(name).orElseThrow(() -> new BdevException(Errno.ENODEV, "there is no SCSI disk " + name));
    }

    /** A disk by its name or its stable name, if it is there. */
    Optional<ScsiDisk> present(String name) {
        return allDisks().stream().filter(disk -> disk.isCalled(name)).findFirst();
    }

    /**
     * Takes an adapter, and finds its disks.
     *
     * @return the names of the disks
     * @throws BdevException EEXIST if it is attached already, ENODEV if there is none, EINVAL if nobody drives it, and what the
     *     adapter or the system says
     */
    public List<String> attach(PciAddress address) throws BdevException {
        if (list().containsKey(address)) {
            throw new BdevException(Errno.EEXIST, address + " is attached already");
        }
        try {
            PciDevice device = bus.find(address)
                    .orElseThrow(() -> new BdevException(Errno.ENODEV, "there is no PCI device " + address));
            ScsiHostDriverProvider provider = drivers.stream()
                    .filter(driver -> driver.drives(device))
                    .findFirst()
                    .orElseThrow(() -> new BdevException(Errno.EINVAL, undriven(device)));
            return adopt(address, provider.open(vfio.open(device)));
        } catch (IOException e) {
            throw failure(address, e);
        }
    }

    /**
     * Takes an adapter that has a driver, and finds its disks.
     *
     * @param address where it is; none other is there
     * @return the names of the disks
     * @throws IOException what the adapter says
     */
    public List<String> adopt(PciAddress address, ScsiHostDriver driver) throws IOException {
        String name;
        synchronized (this) {
            name = "scsi" + count++;
        }
        ScsiHost host = ScsiHost.attach(name, driver, options(), names, this);
        synchronized (this) {
            attached.put(address, host);
        }
        return host.disks().stream().map(ScsiDisk::name).toList();
    }

    /**
     * Takes a host's disks away from their users.
     *
     * @return done when the last of them has let go and the adapter is given back; to be awaited without the lock
     * @throws BdevException ENODEV if there is none
     */
    public CompletableFuture<Void> detach(PciAddress address) throws BdevException {
        ScsiHost host;
        synchronized (this) {
            host = find(address);
            attached.remove(address);
        }
        return letGo(host);
    }

    private CompletableFuture<Void> letGo(ScsiHost host) {
        return parts.removeAll(host).thenRunAsync(host::close, task -> new Thread(task).start());
    }

    /**
     * Looks for disks that came and went; to be called without the lock.
     *
     * @param address of one host; empty: of all
     * @throws BdevException ENODEV if there is none, and what the adapter says
     */
    public void rescan(Optional<PciAddress> address) throws BdevException, InterruptedException {
        Map<PciAddress, ScsiHost> wanted = address.isPresent() ? Map.of(address.get(), find(address.get())) : list();
        for (Map.Entry<PciAddress, ScsiHost> each : wanted.entrySet()) {
            try {
                each.getValue().rescan().get();
            } catch (ExecutionException e) {
                throw failure(each.getKey(), Objects.requireNonNullElse(e.getCause(), e));
            }
        }
    }

    /**
     * Resets an adapter, or one disk behind it as {@link ScsiHost#reset(ScsiDisk)} does; to be called without the lock.
     *
     * @param device name of the disk, or its stable name; empty: the adapter
     * @throws BdevException ENODEV if there is none, and what the adapter says if that does not help
     */
    public void reset(PciAddress address, Optional<String> device) throws BdevException, InterruptedException {
        ScsiHost host = find(address);
        try {
            (device.isPresent() ? host.reset(behind(host, device.get())) : host.reset()).get();
        } catch (ExecutionException e) {
            throw failure(address, Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    @Override
    public void diskAdded(ScsiDisk disk) {
        events.follow(parts::restore);
    }

    @Override
    public void diskRemoved(ScsiDisk disk) {
        events.follow(() -> {
            // If the disk is back before the last user has let go, its blocks are still claimed, and the name is taken.
            for (CompletableFuture<Void> gone : parts.miss(disk)) {
                CompletableFuture<Void> unused = gone.thenRun(() -> events.follow(parts::restore));
                LOG.debug("{}: users have let go: {}", disk.name(), unused.isDone());
            }
            return true;
        });
    }

    @Override
    public void diskResized(ScsiDisk disk) {
        events.follow(() -> {
            parts.adapt(disk);
            return true;
        });
    }

    @Override
    public void hostRemoved(ScsiHost host) {
        events.follow(() -> {
            synchronized (this) {
                attached.values().remove(host);
            }
            CompletableFuture<Void> unused = letGo(host);
            return unused.isDone();
        });
    }

    /** Gives all adapters back; their disks have no users any more. */
    @Override
    public void close() {
        events.close();
        list().values().forEach(ScsiHost::close);
        synchronized (this) {
            attached.clear();
        }
    }

    private synchronized ScsiHost find(PciAddress address) throws BdevException {
        @Nullable ScsiHost host = attached.get(address);
        if (host == null) {
            throw new BdevException(Errno.ENODEV, "there is no SCSI host at " + address);
        }
        return host;
    }

    private static ScsiDisk behind(ScsiHost host, String name) throws BdevException {
        return host.disks().stream()
                .filter(disk -> disk.isCalled(name))
                .findFirst()
                .orElseThrow(() -> new BdevException(Errno.ENODEV, host.name() + " has no SCSI disk " + name));
    }

    private String undriven(PciDevice device) {
        List<String> known = new ArrayList<>(
                drivers.stream().map(ScsiHostDriverProvider::name).toList());
        return String.format(
                "%s (%04x:%04x) has no driver here; there is %s",
                device.address(),
                device.vendor(),
                device.device(),
                known.isEmpty() ? "none" : known.stream().collect(Collectors.joining(", ")));
    }

    private static BdevException failure(PciAddress address, Throwable e) {
        int errno = switch (e) {
            case LinuxException linux -> linux.errno();
            case ScsiHostException scsi -> scsi.errno();
            default -> Errno.EIO;
        };
        return new BdevException(errno, "SCSI host " + address + ": " + e.getMessage());
    }
}
