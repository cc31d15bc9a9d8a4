package dev.ringside.env.vfio;

import dev.ringside.env.dma.DeviceAddresses;
import dev.ringside.env.dma.PhysicalMemory;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import java.nio.file.Path;

/** What groups of devices are put in, to reach the same memory. One thread at a time. */
final class VfioContainer implements AutoCloseable {
    private static final Path DEVICE = Path.of("/dev/vfio/vfio");
    /** What messages call it. */
    static final String SUBJECT = DEVICE.toString();

    private final LinuxFile file;
    private final VfioMode mode;

    private VfioContainer(LinuxFile file, VfioMode mode) {
        this.file = file;
        this.mode = mode;
    }

    /**
     * Opens an empty one, whose devices reach nothing before {@link #start}.
     *
     * @throws LinuxException ENOENT or ENODEV without VFIO, EACCES, EPROTO if it is of another version, or has not this mode
     */
    static VfioContainer open(VfioMode mode) throws LinuxException {
        LinuxFile file;
        try {
            file = LinuxFile.open(DEVICE, LinuxFile.RDWR, 0);
        } catch (LinuxException e) {
            throw new LinuxException(
                    "open",
                    SUBJECT,
                    e.errno(),
                    "load the driver (modprobe vfio-pci), or run with the rights to open it");
        }
        VfioContainer container = new VfioContainer(file, mode);
        int version = VfioCalls.ioctl(container.fd(), VfioConstants.VFIO_GET_API_VERSION, 0);
        int has = VfioCalls.ioctl(container.fd(), VfioConstants.VFIO_CHECK_EXTENSION, mode.type);
        if (version != VfioConstants.VFIO_API_VERSION || has <= 0) {
            container.close();
            throw new LinuxException(
                    "ioctl", SUBJECT, Errno.EPROTO, "this kernel's VFIO (version " + version + ") " + mode.absence);
        }
        return container;
    }

    Fd fd() {
        return file.fd();
    }

    /** Begins; the first group is in. */
    DeviceAddresses start() throws LinuxException {
        VfioCalls.ioctl("VFIO_SET_IOMMU", SUBJECT, fd(), VfioConstants.VFIO_SET_IOMMU, mode.type);
        return switch (mode) {
            case TYPE1 -> new Type1Iommu(fd());
            case NO_IOMMU -> new PhysicalMemory();
        };
    }

    @Override
    public void close() {
        file.close();
    }
}
