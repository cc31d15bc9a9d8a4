package dev.ringside.daemon.target;

import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.vhost.memory.MemoryListener;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets drives reach the memory of guests, so that nothing is copied on the way. Any thread. */
public final class GuestMemoryDma implements MemoryListener {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryListener.class);

    private final DmaSpace space;

    /** Makes one that shows all guests' memory to an address space. */
    public GuestMemoryDma(DmaSpace space) {
        this.space = space;
    }

    /** What the drives reach. */
    public DmaSpace space() {
        return space;
    }

    @Override
    public Runnable mapped(MemorySegment memory) {
        try {
            DmaSpace.DmaRegion region = space.add(memory);
            return () -> space.remove(region);
        } catch (LinuxException e) {
            LOG.warn(
                    "drives cannot reach {} bytes of a guest's memory, whose requests to them are copied: {}",
                    memory.byteSize(),
                    e.getMessage());
            return () -> {};
        }
    }
}
