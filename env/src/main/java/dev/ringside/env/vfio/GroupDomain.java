package dev.ringside.env.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.pci.PciDevice;
import dev.ringside.env.vfio.VfioLayout.GroupStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Devices that are got by their groups, which share a container, so that memory is mapped once for all of them. Any thread. */
final class GroupDomain implements VfioDomain {
    private final VfioMode mode;
    private final DmaSpace dma;
    private final Map<Integer, Group> groups = new HashMap<>();
    private @Nullable VfioContainer container;

    GroupDomain(VfioMode mode, DmaSpace dma) {
        this.mode = mode;
        this.dma = dma;
    }

    @Override
    public DmaSpace dma() {
        return dma;
    }

    @Override
    public synchronized boolean inUse() {
        return !groups.isEmpty();
    }

    @Override
    public synchronized VfioFunction open(PciDevice device) throws LinuxException {
        String subject = device.address().toString();
        int number = device.iommuGroup().orElseThrow();
        Group group = join(number, subject);
        try {
            return new VfioFunction(device.address(), deviceFd(group, subject), dma, () -> leave(number));
        } catch (LinuxException | RuntimeException e) {
            leave(number);
            throw e;
        }
    }

    @Override
    public String way(PciDevice device) {
        return path(device.iommuGroup().orElseThrow()).toString();
    }

    /** A device of a group was closed. */
    private synchronized void leave(int number) {
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
        Path path = path(number);
        LinuxFile file = openGroup(path);
        VfioContainer space = container;
        try {
            requireViable(file.fd(), path, subject);
            if (space == null) {
                space = VfioContainer.open(mode);
            }
            enter(file.fd(), space, path);
            if (container == null) {
                dma.activate(space.start());
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

    private Path path(int number) {
        return Path.of("/dev/vfio", mode.groupPrefix + number);
    }

    private static LinuxFile openGroup(Path path) throws LinuxException {
        try {
            return LinuxFile.open(path, LinuxFile.RDWR, 0);
        } catch (LinuxException e) {
            throw new LinuxException(
                    "open",
                    path.toString(),
                    e.errno(),
                    switch (e.errno()) {
                        case Errno.EBUSY -> "another process has a device of this group";
                        case Errno.EPERM -> "without an IOMMU, CAP_SYS_RAWIO is needed";
                        default -> "";
                    });
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
