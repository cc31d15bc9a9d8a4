package dev.ringside.env.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringside.env.dma.Iommu;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.LinuxFile;
import dev.ringside.env.vfio.VfioLayout.Capability;
import dev.ringside.env.vfio.VfioLayout.DmaMap;
import dev.ringside.env.vfio.VfioLayout.DmaUnmap;
import dev.ringside.env.vfio.VfioLayout.IommuInfo;
import dev.ringside.env.vfio.VfioLayout.IovaRange;
import dev.ringside.env.vfio.VfioLayout.IovaRanges;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An address space behind the IOMMU, of type 1 version 2: whatever is mapped in it is reached by the devices of all groups
 * in it. One thread at a time.
 */
final class VfioContainer implements Iommu, AutoCloseable {
    private static final Path DEVICE = Path.of("/dev/vfio/vfio");
    private static final String SUBJECT = DEVICE.toString();
    /** The information that the kernel gives, with room for its capabilities. */
    private static final int INFO_BYTES = 4096;

    private static final long SMALL_PAGE = 4096;

    private final LinuxFile file;
    private List<Range> ranges = List.of();
    private long pageSize = SMALL_PAGE;
    private long mappedBytes;

    private VfioContainer(LinuxFile file) {
        this.file = file;
    }

    /**
     * Opens an empty one, which translates nothing before {@link #start}.
     *
     * @throws LinuxException ENOENT or ENODEV without VFIO, EACCES, EPROTO if it is of another version
     */
    static VfioContainer open() throws LinuxException {
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
        VfioContainer container = new VfioContainer(file);
        int version = VfioCalls.ioctl(container.fd(), VfioConstants.VFIO_GET_API_VERSION, 0);
        int type1 =
                VfioCalls.ioctl(container.fd(), VfioConstants.VFIO_CHECK_EXTENSION, VfioConstants.VFIO_TYPE1v2_IOMMU);
        if (version != VfioConstants.VFIO_API_VERSION || type1 <= 0) {
            container.close();
            throw new LinuxException(
                    "ioctl",
                    SUBJECT,
                    Errno.EPROTO,
                    "this kernel's VFIO (version " + version + ") has no IOMMU of type 1 version 2: modprobe"
                            + " vfio_iommu_type1");
        }
        return container;
    }

    Fd fd() {
        return file.fd();
    }

    /** Begins to translate; the first group is in. */
    void start() throws LinuxException {
        VfioCalls.ioctl(
                "VFIO_SET_IOMMU", SUBJECT, fd(), VfioConstants.VFIO_SET_IOMMU, VfioConstants.VFIO_TYPE1v2_IOMMU);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO_BYTES, Long.BYTES);
            info.set(JAVA_INT, IommuInfo.ARGSZ, INFO_BYTES);
            VfioCalls.ioctl("VFIO_IOMMU_GET_INFO", SUBJECT, fd(), VfioConstants.VFIO_IOMMU_GET_INFO, info);
            int flags = info.get(JAVA_INT, IommuInfo.FLAGS);
            if ((flags & VfioConstants.VFIO_IOMMU_INFO_PGSIZES) != 0) {
                pageSize =
                        Math.max(SMALL_PAGE, Long.lowestOneBit(info.get(JAVA_LONG_UNALIGNED, IommuInfo.IOVA_PGSIZES)));
            }
            ranges = (flags & VfioConstants.VFIO_IOMMU_INFO_CAPS) != 0 ? ranges(info) : List.of();
            if (ranges.isEmpty()) {
                // A kernel that does not tell: what every IOMMU has, below the window of the interrupts.
                ranges = List.of(new Range(0, 0xfedfffffL));
            }
        }
    }

    private static List<Range> ranges(MemorySegment info) {
        List<Range> found = new ArrayList<>();
        int at = info.get(JAVA_INT, IommuInfo.CAP_OFFSET);
        while (at > 0 && at <= INFO_BYTES - Capability.SIZE) {
            if (info.get(JAVA_SHORT, at + Capability.ID) == VfioConstants.VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
                int count = info.get(JAVA_INT, at + IovaRanges.NR_IOVAS);
                for (int i = 0; i < count; i++) {
                    long range = at + IovaRanges.IOVA_RANGES + (long) i * IovaRange.SIZE;
                    long first = info.get(JAVA_LONG_UNALIGNED, range + IovaRange.START);
                    long last = info.get(JAVA_LONG_UNALIGNED, range + IovaRange.END);
                    // The kernel's numbers are unsigned; nobody needs the upper half.
                    if (first >= 0) {
                        found.add(new Range(first, last < 0 ? Long.MAX_VALUE : last));
                    }
                }
            }
            at = info.get(JAVA_INT, at + Capability.NEXT);
        }
        return found;
    }

    @Override
    public long pageSize() {
        return pageSize;
    }

    @Override
    public List<Range> ranges() {
        return ranges;
    }

    @Override
    public void map(MemorySegment memory, long iova) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment map = arena.allocate(DmaMap.SIZE, Long.BYTES);
            map.set(JAVA_INT, DmaMap.ARGSZ, DmaMap.SIZE);
            map.set(
                    JAVA_INT,
                    DmaMap.FLAGS,
                    VfioConstants.VFIO_DMA_MAP_FLAG_READ | VfioConstants.VFIO_DMA_MAP_FLAG_WRITE);
            map.set(JAVA_LONG_UNALIGNED, DmaMap.VADDR, memory.address());
            map.set(JAVA_LONG_UNALIGNED, DmaMap.IOVA, iova);
            map.set(JAVA_LONG_UNALIGNED, DmaMap.SIZE_FIELD, memory.byteSize());
            int result = VfioCalls.ioctl(fd(), VfioConstants.VFIO_IOMMU_MAP_DMA, map.address());
            if (result < 0) {
                throw refused(-result, memory.byteSize());
            }
        }
        mappedBytes += memory.byteSize();
    }

    @Override
    public void unmap(long iova, long bytes) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment unmap = arena.allocate(DmaUnmap.SIZE, Long.BYTES);
            unmap.set(JAVA_INT, DmaUnmap.ARGSZ, DmaUnmap.SIZE);
            unmap.set(JAVA_LONG_UNALIGNED, DmaUnmap.IOVA, iova);
            unmap.set(JAVA_LONG_UNALIGNED, DmaUnmap.SIZE_FIELD, bytes);
            int result = VfioCalls.ioctl(fd(), VfioConstants.VFIO_IOMMU_UNMAP_DMA, unmap.address());
            if (result < 0 && translates()) {
                throw new LinuxException("VFIO_IOMMU_UNMAP_DMA", SUBJECT, -result);
            }
        }
        mappedBytes -= bytes;
    }

    /** Whether anything is mapped at all: a device that is pulled out takes its group, and the last one all mappings. */
    private boolean translates() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO_BYTES, Long.BYTES);
            info.set(JAVA_INT, IommuInfo.ARGSZ, INFO_BYTES);
            return VfioCalls.ioctl(fd(), VfioConstants.VFIO_IOMMU_GET_INFO, info.address()) >= 0;
        }
    }

    private LinuxException refused(int errno, long bytes) {
        String advice = switch (errno) {
            case Errno.ENOMEM -> MemlockLimit.advice(bytes, mappedBytes);
            case Errno.ENOSPC ->
                "there are too many mappings: see the parameter dma_entry_limit of the module vfio_iommu_type1";
            default -> "";
        };
        return new LinuxException("VFIO_IOMMU_MAP_DMA", "of " + bytes + " bytes", errno, advice);
    }

    @Override
    public void close() {
        file.close();
    }
}
