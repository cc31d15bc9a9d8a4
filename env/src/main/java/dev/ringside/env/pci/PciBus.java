package dev.ringside.env.pci;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The PCI functions of this machine, and which of the kernel's drivers has each. Control plane; any thread. */
public final class PciBus {
    /** The kernel's driver that hands a device to a process. */
    public static final String VFIO_DRIVER = "vfio-pci";

    private static final String NO_IOMMU_GROUP = "vfio-noiommu";

    private final Path sysfs;
    private final Path dev;

    /** This machine's. */
    public PciBus() {
        this(Path.of("/sys"), Path.of("/dev"));
    }

    /** One that is described in another place, for tests. */
    PciBus(Path sysfs, Path dev) {
        this.sysfs = sysfs;
        this.dev = dev;
    }

    /**
     * All functions, in the order of their addresses.
     *
     * @throws IOException if there is no sysfs
     */
    public List<PciDevice> list() throws IOException {
        List<PciDevice> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(devices())) {
            for (Path entry : entries.sorted().toList()) {
                Optional<PciAddress> address =
                        PciAddress.parse(entry.getFileName().toString());
                if (address.isPresent()) {
                    find(address.get()).ifPresent(found::add);
                }
            }
        } catch (NoSuchFileException e) {
            // A machine without PCI.
            return List.of();
        }
        return found;
    }

    /**
     * One function; empty if there is none, or it goes while it is looked at.
     *
     * @throws IOException if sysfs cannot be read
     */
    public Optional<PciDevice> find(PciAddress address) throws IOException {
        Path folder = folder(address);
        try {
            return Optional.of(new PciDevice(
                    address,
                    number(folder, "vendor"),
                    number(folder, "device"),
                    number(folder, "class"),
                    driver(folder),
                    group(folder),
                    noIommu(folder),
                    vfioDevice(folder),
                    numaNode(folder)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * Gives a function to vfio-pci, so that a process can drive it.
     *
     * @throws LinuxException ENODEV if there is none, EBUSY if one of its disks is mounted or in use, ENOENT if vfio-pci is
     *     not loaded
     */
    public void bind(PciAddress address) throws IOException {
        PciDevice device = require(address);
        if (device.driver().equals(Optional.of(VFIO_DRIVER))) {
            return;
        }
        requireUnused(address);
        if (!Files.isDirectory(sysfs.resolve("bus/pci/drivers").resolve(VFIO_DRIVER))) {
            throw new LinuxException("bind", address.toString(), Errno.ENOENT, "load the driver: modprobe vfio-pci");
        }
        Files.writeString(folder(address).resolve("driver_override"), VFIO_DRIVER + "\n");
        probe(device);
        if (!require(address).driver().equals(Optional.of(VFIO_DRIVER))) {
            throw new LinuxException(
                    "bind",
                    address.toString(),
                    Errno.EBUSY,
                    "vfio-pci did not take it; "
                            + (device.iommuGroup().isPresent()
                                    ? "the kernel's log says why"
                                    : "it is behind no IOMMU: switch it on in the firmware and on the kernel's command line"
                                            + " (intel_iommu=on), or do without it, which is not safe"
                                            + " (modprobe vfio enable_unsafe_noiommu_mode=1)"));
        }
    }

    /**
     * Gives a function back to the driver that the kernel would choose.
     *
     * @throws LinuxException ENODEV if there is none, EBUSY if vfio-pci does not have it
     */
    public void unbind(PciAddress address) throws IOException {
        PciDevice device = require(address);
        if (!device.driver().equals(Optional.of(VFIO_DRIVER))) {
            throw new LinuxException(
                    "unbind",
                    address.toString(),
                    Errno.EBUSY,
                    "it is with " + device.driver().orElse("no driver") + ", not with vfio-pci");
        }
        Files.writeString(folder(address).resolve("driver_override"), "\n");
        probe(device);
    }

    /** The names of the kernel's block devices on a function, such as nvme0n1; none if another driver has it. */
    public List<String> blockDevices(PciAddress address) throws IOException {
        Path folder = folder(address);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        Path real = folder.toRealPath();
        List<String> names = new ArrayList<>();
        Path blocks = sysfs.resolve("class/block");
        if (!Files.isDirectory(blocks)) {
            return names;
        }
        try (Stream<Path> entries = Files.list(blocks)) {
            for (Path entry : entries.sorted().toList()) {
                if (!Files.exists(entry.resolve("partition"))
                        && entry.toRealPath().startsWith(real)) {
                    names.add(entry.getFileName().toString());
                }
            }
        }
        return names;
    }

    private void requireUnused(PciAddress address) throws IOException {
        for (String name : blockDevices(address)) {
            Path node = dev.resolve(name);
            if (!Files.exists(node)) {
                // A path of a multipath device: the node is of the device above it.
                continue;
            }
            try {
                // An exclusive open is refused for what is mounted, swapped to, or part of another device.
                LinuxFile.open(node, LinuxFile.RDWR | LinuxFile.EXCL, 0).close();
            } catch (LinuxException e) {
                if (e.errno() == Errno.EBUSY) {
                    throw new LinuxException(
                            "bind",
                            address.toString(),
                            Errno.EBUSY,
                            node + " is in use: unmount it, or take it out of what it is part of");
                }
                throw e;
            }
        }
    }

    private void probe(PciDevice device) throws IOException {
        Path driver = folder(device.address()).resolve("driver");
        if (device.driver().isPresent()) {
            Files.writeString(driver.resolve("unbind"), device.address() + "\n");
        }
        Files.writeString(sysfs.resolve("bus/pci/drivers_probe"), device.address() + "\n");
    }

    private PciDevice require(PciAddress address) throws IOException {
        return find(address)
                .orElseThrow(() -> new LinuxException("find", "PCI device " + address, Errno.ENODEV, "see lspci"));
    }

    private Path devices() {
        return sysfs.resolve("bus/pci/devices");
    }

    private Path folder(PciAddress address) {
        return devices().resolve(address.toString());
    }

    private static int number(Path folder, String name) throws IOException {
        return Integer.decode(Files.readString(folder.resolve(name)).strip());
    }

    private static Optional<String> driver(Path folder) throws IOException {
        return link(folder.resolve("driver"));
    }

    private static OptionalInt group(Path folder) throws IOException {
        Optional<String> group = link(folder.resolve("iommu_group"));
        return group.isPresent() ? OptionalInt.of(Integer.parseInt(group.get())) : OptionalInt.empty();
    }

    /** VFIO names the groups that it makes for devices behind no IOMMU (drivers/vfio/group.c). */
    private static boolean noIommu(Path folder) throws IOException {
        Path name = folder.resolve("iommu_group/name");
        return Files.exists(name) && Files.readString(name).strip().equals(NO_IOMMU_GROUP);
    }

    /** What VFIO has registered the device as (drivers/vfio/vfio_main.c), if there is a node of that name. */
    private Optional<String> vfioDevice(Path folder) throws IOException {
        try (Stream<Path> names = Files.list(folder.resolve("vfio-dev"))) {
            return names.map(name -> name.getFileName().toString())
                    .filter(name -> Files.exists(dev.resolve("vfio/devices").resolve(name)))
                    .findFirst();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static OptionalInt numaNode(Path folder) throws IOException {
        Path file = folder.resolve("numa_node");
        int node = Files.exists(file) ? number(folder, "numa_node") : -1;
        return node < 0 ? OptionalInt.empty() : OptionalInt.of(node);
    }

    private static Optional<String> link(Path link) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(link).getFileName().toString());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
