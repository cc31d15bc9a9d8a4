package dev.ringside.env.vfio;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.pci.PciDevice;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Devices that are got by nodes of their own, and reach memory through one address space of iommufd. Any thread. */
final class IommufdDomain implements VfioDomain {
    private static final Path DEVICES = Path.of("/dev/vfio/devices");

    private final DmaSpace dma;
    private final Path iommu;
    private int users;
    private @Nullable IommufdSpace space;

    IommufdDomain(DmaSpace dma) {
        this(dma, Path.of("/dev/iommu"));
    }

    /** One that finds iommufd's node in another place, for tests. */
    IommufdDomain(DmaSpace dma, Path iommu) {
        this.dma = dma;
        this.iommu = iommu;
    }

    @Override
    public DmaSpace dma() {
        return dma;
    }

    @Override
    public synchronized boolean inUse() {
        return users > 0;
    }

    /**
     * {@inheritDoc}
     *
     * @throws NoIommufdException if the kernel does not give the device in this way
     */
    @Override
    public synchronized VfioFunction open(PciDevice device) throws LinuxException {
        Path node = node(device);
        IommufdSpace target = space != null ? space : newSpace();
        space = target;
        users++;
        try {
            return new VfioFunction(device.address(), attached(node, target), dma, this::leave);
        } catch (LinuxException | RuntimeException e) {
            leave();
            throw e;
        }
    }

    @Override
    public String way(PciDevice device) {
        return DEVICES.resolve(device.vfioDevice().orElseThrow()).toString();
    }

    /** A device was closed. */
    private synchronized void leave() {
        if (--users == 0 && space != null) {
            dma.deactivate();
            space.close();
            space = null;
        }
    }

    private Path node(PciDevice device) throws NoIommufdException {
        if (device.vfioDevice().isEmpty()) {
            throw new NoIommufdException(DEVICES.toString(), new LinuxException("find", Errno.ENOENT));
        }
        return Path.of(way(device));
    }

    private IommufdSpace newSpace() throws NoIommufdException {
        try {
            return IommufdSpace.open(iommu);
        } catch (LinuxException e) {
            throw new NoIommufdException(iommu.toString(), e);
        }
    }

    /** Opens a device that reaches what is mapped; the first one has everything mapped. */
    private Fd attached(Path node, IommufdSpace target) throws LinuxException {
        Fd fd;
        try {
            fd = LinuxFile.open(node, LinuxFile.RDWR, 0).fd();
        } catch (LinuxException e) {
            throw new NoIommufdException(node.toString(), e);
        }
        try {
            attach(fd, node, target);
            if (users == 1) {
                dma.activate(target);
            }
            return fd;
        } catch (LinuxException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static void attach(Fd fd, Path node, IommufdSpace target) throws NoIommufdException {
        try {
            target.attach(fd, node.toString());
        } catch (LinuxException e) {
            throw new NoIommufdException(node.toString(), e);
        }
    }
}
