package dev.ringside.env.dma;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.lang.foreign.MemorySegment;

/**
 * A huge page's worth of memory, from huge pages where there are some, cut into buffers of one size. Behind no IOMMU it has to
 * be a huge page: others do not stay where they are.
 */
final class DmaChunk {
    static final int BYTES = 2 << 20;

    final int sizeClass;
    final DmaBuffer[] buffers;
    int used;

    private final DmaSpace space;
    private final Mapping mapping;
    private final DmaSpace.DmaRegion region;

    private DmaChunk(DmaSpace space, Mapping mapping, DmaSpace.DmaRegion region, int sizeClass) {
        this.space = space;
        this.mapping = mapping;
        this.region = region;
        this.sizeClass = sizeClass;
        int size = 1 << sizeClass;
        long iova = space.translation().iova(mapping.address(), BYTES);
        this.buffers = new DmaBuffer[BYTES / size];
        for (int i = 0; i < buffers.length; i++) {
            MemorySegment segment = mapping.segment().asSlice((long) i * size, size);
            buffers[i] = new DmaBuffer(this, segment, iova + (long) i * size);
        }
    }

    static DmaChunk make(DmaSpace space, int sizeClass) throws LinuxException {
        Mapping mapping = Mapping.anonymous(BYTES);
        try {
            if (space.physical() && !mapping.isHugetlb()) {
                throw new LinuxException(
                        "allocate",
                        "memory for a device behind no IOMMU",
                        Errno.ENOMEM,
                        "it has to be a huge page of 2 MiB, and none is free: reserve more (vm.nr_hugepages)");
            }
            return new DmaChunk(space, mapping, space.add(mapping.segment()), sizeClass);
        } catch (LinuxException e) {
            mapping.close();
            throw e;
        }
    }

    void free() {
        space.remove(region);
        mapping.close();
    }
}
