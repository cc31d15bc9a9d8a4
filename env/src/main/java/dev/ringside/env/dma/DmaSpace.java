package dev.ringside.env.dma;

import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All memory that devices of this process reach, and the addresses that they use for it. Without a device nothing is
 * mapped, and what was given is mapped when the first one comes. Addresses are chosen here, from the lowest on: an IOMMU
 * may have fewer bits than the process. Without an IOMMU they are what they are, and only huge pages of our own may be given.
 * Control plane, any thread; the data plane looks at {@link #translation}.
 */
public final class DmaSpace {
    /** A mapping begins where large pages can be used. */
    private static final long LARGE_PAGE = 2 << 20;

    private static final long UNMAPPED = -1;

    private final List<DmaRegion> regions = new ArrayList<>();
    private @Nullable DeviceAddresses addresses;
    private volatile DmaTranslation translation = DmaTranslation.EMPTY;

    /** Makes one without memory, for no device. */
    public DmaSpace() {}

    /** What is mapped now. A holder of memory that it has not taken back may rely on what this says of it. */
    public DmaTranslation translation() {
        return translation;
    }

    /**
     * Lets devices reach memory: now if there are some, and else when there are.
     *
     * @param memory of which whole pages are mapped; what sticks out is not
     * @return what {@link #remove} takes
     * @throws LinuxException ENOMEM if no more memory may be locked, ENOSPC if there is no place for it, EPERM if it is not
     *     said where it is; it is not known then
     */
    public synchronized DmaRegion add(MemorySegment memory) throws LinuxException {
        DmaRegion region = new DmaRegion(memory);
        if (addresses != null) {
            map(region, addresses);
        }
        regions.add(region);
        publish();
        return region;
    }

    /** Takes memory back; no device uses it any more. Does nothing if it was taken back before. */
    public synchronized void remove(DmaRegion region) {
        if (regions.remove(region)) {
            publish();
            if (addresses != null) {
                unmap(region, addresses);
            }
        }
    }

    /**
     * The first device is there: maps everything that is known.
     *
     * @throws LinuxException if something cannot be mapped; nothing is mapped then
     */
    public synchronized void activate(DeviceAddresses source) throws LinuxException {
        if (addresses != null) {
            throw new IllegalStateException("there are devices already");
        }
        for (DmaRegion region : regions) {
            try {
                map(region, source);
            } catch (LinuxException e) {
                regions.forEach(mapped -> unmap(mapped, source));
                throw e;
            }
        }
        addresses = source;
        publish();
    }

    /** The last device has gone: unmaps everything. What is known is mapped again with the next. */
    public synchronized void deactivate() {
        DeviceAddresses source = addresses;
        if (source != null) {
            addresses = null;
            publish();
            regions.forEach(region -> unmap(region, source));
        }
    }

    /** Whether there are devices. */
    public synchronized boolean active() {
        return addresses != null;
    }

    /** Whether there are devices that use physical addresses, because they are behind no IOMMU. */
    public synchronized boolean physical() {
        return addresses instanceof PhysicalMemory;
    }

    /** How many bytes devices reach. */
    public synchronized long mappedBytes() {
        return regions.stream()
                .filter(region -> region.iova != UNMAPPED)
                .mapToLong(region -> region.bytes)
                .sum();
    }

    private void map(DmaRegion region, DeviceAddresses source) throws LinuxException {
        region.trim(
                switch (source) {
                    case Iommu iommu -> iommu.pageSize();
                    case PhysicalMemory _ -> PhysicalMemory.HUGE_PAGE;
                });
        if (region.bytes == 0) {
            return;
        }
        switch (source) {
            case Iommu iommu -> {
                long iova = place(region, iommu);
                iommu.map(region.pages(), iova);
                region.iova = iova;
            }
            case PhysicalMemory physical -> region.iova = physical.address(region.pages());
        }
    }

    private static void unmap(DmaRegion region, DeviceAddresses source) {
        long iova = region.iova;
        region.iova = UNMAPPED;
        if (iova == UNMAPPED || !(source instanceof Iommu translator)) {
            return;
        }
        try {
            translator.unmap(iova, region.bytes);
        } catch (LinuxException e) {
            // The kernel knows this mapping, or our account of it is wrong: devices must not go on with it.
            throw new IllegalStateException(String.format("0x%x cannot be unmapped", iova), e);
        }
    }

    /** The lowest free addresses that fit, as far from a large page's boundary as the memory is. */
    private long place(DmaRegion region, Iommu translator) throws LinuxException {
        List<DmaRegion> used = regions.stream()
                .filter(other -> other.iova != UNMAPPED)
                .sorted(Comparator.comparingLong(other -> other.iova))
                .toList();
        long shift = region.address & (LARGE_PAGE - 1);
        for (Iommu.Range range : translator.ranges()) {
            // Address 0 would read like none in a descriptor.
            long from = Math.max(range.first(), LARGE_PAGE);
            for (DmaRegion other : used) {
                if (other.iova + other.bytes > from && other.iova <= range.last()) {
                    if (fits(from, shift, region.bytes, other.iova - 1)) {
                        break;
                    }
                    from = other.iova + other.bytes;
                }
            }
            if (fits(from, shift, region.bytes, range.last())) {
                return aligned(from, shift);
            }
        }
        throw new LinuxException(
                "map", region.bytes + " bytes for DMA", Errno.ENOSPC, "the IOMMU has no room for them");
    }

    private static boolean fits(long from, long shift, long bytes, long last) {
        long start = aligned(from, shift);
        return start >= from && start <= last && bytes - 1 <= last - start;
    }

    private static long aligned(long from, long shift) {
        return ((from + LARGE_PAGE - 1) & -LARGE_PAGE) + shift;
    }

    private void publish() {
        List<DmaRegion> mapped = regions.stream()
                .filter(region -> region.iova != UNMAPPED)
                .sorted(Comparator.comparingLong(region -> region.address))
                .toList();
        translation = new DmaTranslation(
                mapped.stream().mapToLong(region -> region.address).toArray(),
                mapped.stream()
                        .mapToLong(region -> region.address + region.bytes)
                        .toArray(),
                mapped.stream().mapToLong(region -> region.iova).toArray());
    }

    /** Memory that was given. */
    public static final class DmaRegion {
        private final MemorySegment memory;
        private long address;
        private long bytes;
        private long iova = UNMAPPED;

        private DmaRegion(MemorySegment memory) {
            this.memory = memory;
        }

        /** Takes the whole pages. */
        private void trim(long pageSize) {
            long start = (memory.address() + pageSize - 1) & -pageSize;
            long end = (memory.address() + memory.byteSize()) & -pageSize;
            address = start;
            bytes = Math.max(0, end - start);
        }

        private MemorySegment pages() {
            return memory.asSlice(address - memory.address(), bytes);
        }
    }
}
