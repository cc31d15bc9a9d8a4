package dev.ringside.testkit.nvme;

import dev.ringside.env.dma.Iommu;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The IOMMU of the model: what is not mapped in it cannot be reached. Any thread. */
final class ModelMemory implements Iommu {
    private static final long PAGE = 4096;

    private final ConcurrentSkipListMap<Long, MemorySegment> mappings = new ConcurrentSkipListMap<>();

    /** A device reached for memory that is not mapped for it. */
    static final class DmaFault extends Exception {
        private static final long serialVersionUID = 1;

        DmaFault(String message) {
            super(message);
        }
    }

    @Override
    public long pageSize() {
        return PAGE;
    }

    @Override
    public List<Range> ranges() {
        return List.of(new Range(0, 0xfedfffffL), new Range(0xfef00000L, (1L << 39) - 1));
    }

    @Override
    public void map(MemorySegment memory, long iova) throws LinuxException {
        if (((iova | memory.byteSize() | memory.address()) & (PAGE - 1)) != 0) {
            throw new LinuxException("map", Errno.EINVAL);
        }
        mappings.put(iova, memory);
    }

    @Override
    public void unmap(long iova, long bytes) throws LinuxException {
        MemorySegment memory = mappings.remove(iova);
        if (memory == null || memory.byteSize() != bytes) {
            throw new LinuxException("unmap", Errno.EINVAL);
        }
    }

    /** The memory at an address. */
    MemorySegment at(long iova, long bytes) throws DmaFault {
        Map.Entry<Long, MemorySegment> entry = mappings.floorEntry(iova);
        if (entry == null || iova + bytes > entry.getKey() + entry.getValue().byteSize()) {
            throw new DmaFault(String.format("%d bytes at 0x%x are not mapped", bytes, iova));
        }
        return entry.getValue().asSlice(iova - entry.getKey(), bytes);
    }

    int mappingCount() {
        return mappings.size();
    }
}
