package dev.ringside.env.dma;

import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What translates the addresses that devices use. One thread at a time. */
public non-sealed interface Iommu extends DeviceAddresses {

    /**
     * Addresses that devices may use.
     *
     * @param first a multiple of the page size
     * @param last inclusive
     */
    record Range(long first, long last) {}

    /** The smallest unit of a mapping, in bytes: a power of two, at least 4096. */
    long pageSize();

    /** Where mappings may be, in ascending order, without overlaps. */
    List<Range> ranges();

    /**
     * Lets devices reach memory, which stays where it is until {@link #unmap}.
     *
     * @param memory whole pages
     * @param iova where devices find it
     * @throws LinuxException ENOMEM if no more memory may be locked, ENOSPC if there are too many mappings
     */
    void map(MemorySegment memory, long iova) throws LinuxException;

    /**
     * Ends a mapping.
     *
     * @param iova of the mapping
     * @param bytes of the mapping
     * @throws LinuxException such as EINVAL
     */
    void unmap(long iova, long bytes) throws LinuxException;
}
