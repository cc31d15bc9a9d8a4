package dev.ringside.env.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringside.env.dma.Iommu;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.vfio.VfioLayout.Capability;
import dev.ringside.env.vfio.VfioLayout.DmaMap;
import dev.ringside.env.vfio.VfioLayout.DmaUnmap;
import dev.ringside.env.vfio.VfioLayout.IommuInfo;
import dev.ringside.env.vfio.VfioLayout.IovaRange;
import dev.ringside.env.vfio.VfioLayout.IovaRanges;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What translates for the devices in a container, of type 1 version 2: whatever is mapped is reached by the devices of all its
 * groups. One thread at a time.
 */
final class Type1Iommu implements Iommu {
    private static final String SUBJECT = VfioContainer.SUBJECT;
    /** The information that the kernel gives, with room for its capabilities. */
    private static final int INFO_BYTES = 4096;

    private static final long SMALL_PAGE = 4096;

    private final Fd container;
    private final List<Range> ranges;
    private final long pageSize;
    private long mappedBytes;

    /**
     * Asks what the IOMMU can.
     *
     * @param container which translates by now
     */
    Type1Iommu(Fd container) throws LinuxException {
        this.container = container;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO_BYTES, Long.BYTES);
            info.set(JAVA_INT, IommuInfo.ARGSZ, INFO_BYTES);
            VfioCalls.ioctl("VFIO_IOMMU_GET_INFO", SUBJECT, container, VfioConstants.VFIO_IOMMU_GET_INFO, info);
            int flags = info.get(JAVA_INT, IommuInfo.FLAGS);
            pageSize = (flags & VfioConstants.VFIO_IOMMU_INFO_PGSIZES) != 0
                    ? Math.max(SMALL_PAGE, Long.lowestOneBit(info.get(JAVA_LONG_UNALIGNED, IommuInfo.IOVA_PGSIZES)))
                    : SMALL_PAGE;
            List<Range> told = (flags & VfioConstants.VFIO_IOMMU_INFO_CAPS) != 0 ? ranges(info) : List.of();
            // A kernel that does not tell: what every IOMMU has, below the window of the interrupts.
            ranges = told.isEmpty() ? List.of(new Range(0, 0xfedfffffL)) : told;
        }
    }

    private static List<Range> ranges(MemorySegment info) {
        List<Range> found = new ArrayList<>();
        int at = info.get(JAVA_INT, IommuInfo.CAP_OFFSET);
        while (at > 0 && at <= INFO_BYTES - Capability.SIZE) {
            if (info.get(JAVA_SHORT, at + Capability.ID) == VfioConstants.VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
                found.addAll(ranges(
                        info.asSlice(at + IovaRanges.IOVA_RANGES), info.get(JAVA_INT, at + IovaRanges.NR_IOVAS)));
            }
            at = info.get(JAVA_INT, at + Capability.NEXT);
        }
        return found;
    }

    /**
     * The usable part of what the kernel has listed.
     *
     * @param list of struct vfio_iova_range, or of struct iommu_iova_range, which is the same
     */
    static List<Range> ranges(MemorySegment list, int count) {
        List<Range> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long range = (long) i * IovaRange.SIZE;
            long first = list.get(JAVA_LONG_UNALIGNED, range + IovaRange.START);
            long last = list.get(JAVA_LONG_UNALIGNED, range + IovaRange.END);
            // The kernel's numbers are unsigned; nobody needs the upper half.
            if (first >= 0) {
                found.add(new Range(first, last < 0 ? Long.MAX_VALUE : last));
            }
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
            int result = VfioCalls.ioctl(container, VfioConstants.VFIO_IOMMU_MAP_DMA, map.address());
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
            int result = VfioCalls.ioctl(container, VfioConstants.VFIO_IOMMU_UNMAP_DMA, unmap.address());
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
            return VfioCalls.ioctl(container, VfioConstants.VFIO_IOMMU_GET_INFO, info.address()) >= 0;
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
}
