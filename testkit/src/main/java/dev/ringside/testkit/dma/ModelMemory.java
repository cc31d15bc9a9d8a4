package dev.ringside.testkit.dma;

import dev.ringside.env.dma.Iommu;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The IOMMU of a model: what is not mapped in it cannot be reached. Any thread. */
public final class ModelMemory implements Iommu {
    private static final long PAGE = 4096;
    /** Where messages that are interrupts go, and no memory is. */
    private static final long INTERRUPTS = 0xfee0_0000L;

    private static final long AFTER_INTERRUPTS = 0xfef0_0000L;

    private final ConcurrentSkipListMap<Long, MemorySegment> mappings = new ConcurrentSkipListMap<>();

    private final long lowest;
    /** Whether the device may be a master of its bus. */
    private volatile boolean allowed = true;

    /** Makes one that maps nothing. */
    public ModelMemory() {
        this(0);
    }

    /**
     * Makes one that maps nothing, and has devices use higher addresses only.
     *
     * @param lowest address that a device can use: a multiple of the page size
     */
    public ModelMemory(long lowest) {
        this.lowest = lowest;
    }

    /** A device reached for memory that is not mapped for it. */
    public static final class DmaFault extends Exception {
        private static final long serialVersionUID = 1;

        /** Makes one that says what was reached for. */
        public DmaFault(String message) {
            super(message);
        }
    }

    @Override
    public long pageSize() {
        return PAGE;
    }

    @Override
    public List<Range> ranges() {
        Range high = new Range(Math.max(lowest, AFTER_INTERRUPTS), (1L << 39) - 1);
        return lowest < INTERRUPTS ? List.of(new Range(lowest, INTERRUPTS - 1), high) : List.of(high);
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

    /** Allows the device to reach memory, or forbids it; allowed at first. */
    public void allow(boolean on) {
        allowed = on;
    }

    /** Whether the device is allowed to reach memory. */
    public boolean allowed() {
        return allowed;
    }

    /**
     * The memory at an address.
     *
     * @throws DmaFault if not all of it is mapped, or the device may reach none
     */
    public MemorySegment at(long iova, long bytes) throws DmaFault {
        if (!allowed) {
            throw new DmaFault(String.format("0x%x is reached for without leave", iova));
        }
        Map.Entry<Long, MemorySegment> entry = mappings.floorEntry(iova);
        if (entry == null || iova + bytes > entry.getKey() + entry.getValue().byteSize()) {
            throw new DmaFault(String.format("%d bytes at 0x%x are not mapped", bytes, iova));
        }
        return entry.getValue().asSlice(iova - entry.getKey(), bytes);
    }

    /** How many pieces are mapped. */
    public int mappingCount() {
        return mappings.size();
    }
}
