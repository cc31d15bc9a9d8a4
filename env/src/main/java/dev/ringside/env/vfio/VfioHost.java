package dev.ringside.env.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.pci.PciBus;
import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.vfio.VfioLayout.GroupStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All devices that this process drives. They share one container, so that memory is mapped once for all of them. Control
 * plane; any thread.
 */
public final class VfioHost {
    private final DmaSpace dma;
    private final UnaryOperator<PciFunction> before;
    private final Map<Integer, Group> groups = new HashMap<>();
    private @Nullable VfioContainer container;

    /**
     * Makes one without devices.
     *
     * @param dma what the devices shall reach
     */
    public VfioHost(DmaSpace dma) {
        this(dma, UnaryOperator.identity());
    }

    /**
     * Makes one without devices, with something between them and their drivers.
     *
     * @param dma what the devices shall reach
     * @param before makes of a device what its driver gets
     */
    public VfioHost(DmaSpace dma, UnaryOperator<PciFunction> before) {
        this.dma = dma;
        this.before = before;
    }

    /** What the devices reach. */
    public DmaSpace dma() {
        return dma;
    }

    /**
     * Takes a device.
     *
     * @throws LinuxException EBUSY if vfio-pci does not have it, another process does, or another device of its group is
     *     with the kernel; ENODEV without an IOMMU; ENOMEM if not all memory can be locked that it has to reach
     */
    public synchronized PciFunction open(PciDevice device) throws LinuxException {
        String subject = device.address().toString();
        if (!device.driver().orElse("").equals(PciBus.VFIO_DRIVER)) {
            throw new LinuxException(
                    "attach",
                    subject,
                    Errno.EBUSY,
                    "it is with " + device.driver().orElse("no driver") + ": run 'ringside bind " + subject
                            + "' first");
        }
        int number = device.iommuGroup()
                .orElseThrow(() -> new LinuxException(
                        "attach",
                        subject,
                        Errno.ENODEV,
                        "it is behind no IOMMU: switch it on in the firmware and on the kernel's command line"
                                + " (intel_iommu=on)"));
        Group group = join(number, subject);
        try {
            return before.apply(new VfioFunction(this, device, deviceFd(group, subject), number));
        } catch (LinuxException | RuntimeException e) {
            leave(number);
            throw e;
        }
    }

    /** A device of a group was closed. */
    synchronized void leave(int number) {
        Group group = groups.get(number);
        if (group == null || --group.users > 0) {
            return;
        }
        groups.remove(number);
        if (groups.isEmpty() && container != null) {
            dma.deactivate();
            container.close();
            container = null;
        }
        group.file.close();
    }

    private Group join(int number, String subject) throws LinuxException {
        Group known = groups.get(number);
        if (known != null) {
            known.users++;
            return known;
        }
        Path path = Path.of("/dev/vfio", Integer.toString(number));
        LinuxFile file = openGroup(path);
        VfioContainer space = container;
        try {
            requireViable(file.fd(), path, subject);
            if (space == null) {
                space = VfioContainer.open();
            }
            enter(file.fd(), space, path);
            if (container == null) {
                space.start();
                dma.activate(space);
                container = space;
            }
        } catch (LinuxException e) {
            file.close();
            if (space != null && container == null) {
                space.close();
            }
            throw e;
        }
        Group group = new Group(file);
        groups.put(number, group);
        return group;
    }

    private static LinuxFile openGroup(Path path) throws LinuxException {
        try {
            return LinuxFile.open(path, LinuxFile.RDWR, 0);
        } catch (LinuxException e) {
            throw new LinuxException(
                    "open",
                    path.toString(),
                    e.errno(),
                    e.errno() == Errno.EBUSY ? "another process has a device of this group" : "");
        }
    }

    private static void requireViable(Fd group, Path path, String subject) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(GroupStatus.SIZE, Integer.BYTES);
            status.set(JAVA_INT, GroupStatus.ARGSZ, GroupStatus.SIZE);
            VfioCalls.ioctl(
                    "VFIO_GROUP_GET_STATUS", path.toString(), group, VfioConstants.VFIO_GROUP_GET_STATUS, status);
            if ((status.get(JAVA_INT, GroupStatus.FLAGS) & VfioConstants.VFIO_GROUP_FLAGS_VIABLE) == 0) {
                throw new LinuxException(
                        "attach",
                        subject,
                        Errno.EBUSY,
                        "another device of its IOMMU group " + path.getFileName()
                                + " is with a driver of the kernel: bind all of them");
            }
        }
    }

    private static void enter(Fd group, VfioContainer space, Path path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fd = arena.allocateFrom(JAVA_INT, space.fd().number());
            VfioCalls.ioctl(
                    "VFIO_GROUP_SET_CONTAINER", path.toString(), group, VfioConstants.VFIO_GROUP_SET_CONTAINER, fd);
        }
    }

    private static Fd deviceFd(Group group, String subject) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return Fd.adopt(VfioCalls.ioctl(
                    "VFIO_GROUP_GET_DEVICE_FD",
                    subject,
                    group.file.fd(),
                    VfioConstants.VFIO_GROUP_GET_DEVICE_FD,
                    arena.allocateFrom(subject)));
        }
    }

    private static final class Group {
        final LinuxFile file;
        int users = 1;

        Group(LinuxFile file) {
            this.file = file;
        }
    }
}
