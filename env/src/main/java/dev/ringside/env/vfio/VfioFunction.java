package dev.ringside.env.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.pci.PciFunction;
import dev.ringside.env.pci.Registers;
import dev.ringside.env.vfio.VfioLayout.DeviceInfo;
import dev.ringside.env.vfio.VfioLayout.IrqInfo;
import dev.ringside.env.vfio.VfioLayout.IrqSet;
import dev.ringside.env.vfio.VfioLayout.RegionInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A PCI function that vfio-pci has handed to this process. */
final class VfioFunction implements PciFunction {
    private static final int DEVICE_INFO_BYTES = 64;

    private final PciAddress address;
    private final String subject;
    private final Fd fd;
    private final DmaSpace dma;
    private final Runnable afterClose;
    private final EventFd releaseRequest;
    private final List<Mapping> mappings = new ArrayList<>();
    private final long configOffset;
    /** Which kind of interrupts it is driven with: MSI-X, or MSI if it has no other. */
    private final int irqIndex;

    private final int vectors;
    private final boolean canReset;
    private boolean interrupting;
    private boolean closed;

    /**
     * Takes the descriptor over, also when this throws.
     *
     * @param dma what the device reaches
     * @param afterClose runs once, when the descriptor is closed; not when this throws
     */
    VfioFunction(PciAddress address, Fd fd, DmaSpace dma, Runnable afterClose) throws LinuxException {
        this.address = address;
        this.subject = address.toString();
        this.fd = fd;
        this.dma = dma;
        this.afterClose = afterClose;
        EventFd request = EventFd.create();
        try {
            this.releaseRequest = request;
            this.configOffset =
                    region(VfioConstants.VFIO_PCI_CONFIG_REGION_INDEX).offset();
            int msix = irqCount(VfioConstants.VFIO_PCI_MSIX_IRQ_INDEX);
            this.irqIndex = msix > 0 ? VfioConstants.VFIO_PCI_MSIX_IRQ_INDEX : VfioConstants.VFIO_PCI_MSI_IRQ_INDEX;
            // The kernel may have fewer vectors of MSI than a device wants, but one.
            this.vectors = msix > 0 ? msix : Math.min(irqCount(irqIndex), 1);
            this.canReset = (flags() & VfioConstants.VFIO_DEVICE_FLAGS_RESET) != 0;
            if (irqCount(VfioConstants.VFIO_PCI_REQ_IRQ_INDEX) > 0) {
                setIrqs(VfioConstants.VFIO_PCI_REQ_IRQ_INDEX, List.of(request));
            }
        } catch (LinuxException e) {
            request.close();
            fd.close();
            throw e;
        }
    }

    /** Where a region is behind the descriptor. */
    private record Region(int flags, long size, long offset) {}

    @Override
    public PciAddress address() {
        return address;
    }

    @Override
    public int readConfig(int offset, int bytes) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocate(JAVA_INT);
            VfioCalls.pread(subject, fd, word.asSlice(0, bytes), configOffset + offset);
            return word.get(JAVA_INT, 0);
        }
    }

    @Override
    public void writeConfig(int offset, int bytes, int value) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocateFrom(JAVA_INT, value);
            VfioCalls.pwrite(subject, fd, word.asSlice(0, bytes), configOffset + offset);
        }
    }

    @Override
    public Registers bar(int index) throws LinuxException {
        if (index < 0 || index > VfioConstants.VFIO_PCI_BAR5_REGION_INDEX) {
            throw new IllegalArgumentException("BAR " + index + ": 0 to 5 is allowed");
        }
        Region region = region(index);
        if (region.size == 0 || (region.flags & VfioConstants.VFIO_REGION_INFO_FLAG_MMAP) == 0) {
            throw new LinuxException("map", "BAR " + index + " of " + subject, Errno.ENXIO);
        }
        Mapping mapping = Mapping.ofShared(fd, region.offset, region.size, true);
        mappings.add(mapping);
        return new Registers(mapping.segment());
    }

    @Override
    public void busMaster(boolean on) throws LinuxException {
        int command = readConfig(VfioConstants.PCI_COMMAND, 2) | VfioConstants.PCI_COMMAND_MEMORY;
        int master = VfioConstants.PCI_COMMAND_MASTER;
        writeConfig(VfioConstants.PCI_COMMAND, 2, on ? command | master : command & ~master);
    }

    @Override
    public DmaSpace dma() {
        return dma;
    }

    @Override
    public int vectors() {
        return vectors;
    }

    @Override
    public void interrupt(List<EventFd> counters) throws LinuxException {
        if (counters.size() > vectors) {
            throw new LinuxException("interrupt", subject, Errno.EINVAL, "it has " + vectors + " vectors");
        }
        if (interrupting) {
            setIrqs(irqIndex, List.of());
            interrupting = false;
        }
        if (!counters.isEmpty()) {
            setIrqs(irqIndex, counters);
            interrupting = true;
        }
    }

    @Override
    public EventFd releaseRequest() {
        return releaseRequest;
    }

    @Override
    public void reset() throws LinuxException {
        if (!canReset) {
            throw new LinuxException("reset", subject, Errno.ENOTTY, "the device has no reset of its own");
        }
        VfioCalls.ioctl("VFIO_DEVICE_RESET", subject, fd, VfioConstants.VFIO_DEVICE_RESET, 0);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            busMaster(false);
            interrupt(List.of());
        } catch (LinuxException e) {
            // It is gone; closing the descriptor does the rest.
        }
        mappings.forEach(Mapping::close);
        fd.close();
        releaseRequest.close();
        afterClose.run();
    }

    private int flags() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(DEVICE_INFO_BYTES, Long.BYTES);
            info.set(JAVA_INT, DeviceInfo.ARGSZ, DEVICE_INFO_BYTES);
            VfioCalls.ioctl("VFIO_DEVICE_GET_INFO", subject, fd, VfioConstants.VFIO_DEVICE_GET_INFO, info);
            return info.get(JAVA_INT, DeviceInfo.FLAGS);
        }
    }

    private Region region(int index) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(RegionInfo.SIZE, Long.BYTES);
            info.set(JAVA_INT, RegionInfo.ARGSZ, RegionInfo.SIZE);
            info.set(JAVA_INT, RegionInfo.INDEX, index);
            VfioCalls.ioctl(
                    "VFIO_DEVICE_GET_REGION_INFO", subject, fd, VfioConstants.VFIO_DEVICE_GET_REGION_INFO, info);
            return new Region(
                    info.get(JAVA_INT, RegionInfo.FLAGS),
                    info.get(JAVA_LONG, RegionInfo.SIZE_FIELD),
                    info.get(JAVA_LONG, RegionInfo.OFFSET));
        }
    }

    private int irqCount(int index) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(IrqInfo.SIZE, Integer.BYTES);
            info.set(JAVA_INT, IrqInfo.ARGSZ, IrqInfo.SIZE);
            info.set(JAVA_INT, IrqInfo.INDEX, index);
            int result = VfioCalls.ioctl(fd, VfioConstants.VFIO_DEVICE_GET_IRQ_INFO, info.address());
            // A device without such interrupts says EINVAL.
            return result < 0 ? 0 : info.get(JAVA_INT, IrqInfo.COUNT);
        }
    }

    /** Lets interrupts signal counters; none: switches them off. */
    private void setIrqs(int index, List<EventFd> counters) throws LinuxException {
        boolean off = counters.isEmpty();
        int bytes = IrqSet.SIZE + counters.size() * Integer.BYTES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(bytes, Integer.BYTES);
            int data = off ? VfioConstants.VFIO_IRQ_SET_DATA_NONE : VfioConstants.VFIO_IRQ_SET_DATA_EVENTFD;
            set.set(JAVA_INT, IrqSet.ARGSZ, bytes);
            set.set(JAVA_INT, IrqSet.FLAGS, data | VfioConstants.VFIO_IRQ_SET_ACTION_TRIGGER);
            set.set(JAVA_INT, IrqSet.INDEX, index);
            set.set(JAVA_INT, IrqSet.COUNT, counters.size());
            for (int i = 0; i < counters.size(); i++) {
                set.set(
                        JAVA_INT,
                        IrqSet.DATA + (long) i * Integer.BYTES,
                        counters.get(i).number());
            }
            VfioCalls.ioctl("VFIO_DEVICE_SET_IRQS", subject, fd, VfioConstants.VFIO_DEVICE_SET_IRQS, set);
        }
    }
}
