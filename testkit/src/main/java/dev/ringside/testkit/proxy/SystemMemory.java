package dev.ringside.testkit.proxy;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import dev.ringside.testkit.dma.ModelMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** The guest's memory, which a model reaches at the addresses that the guest uses. For one thread. */
final class SystemMemory implements AutoCloseable {
    private final ModelMemory memory;
    private final List<Region> regions = new ArrayList<>();

    private record Region(long address, Mapping mapping) {}

    SystemMemory(ModelMemory memory) {
        this.memory = memory;
    }

    /** Takes what a message SYNC_SYSMEM says in place of what the last one said. */
    void replace(MemorySegment message, List<Fd> files) throws LinuxException {
        close();
        for (int i = 0; i < files.size(); i++) {
            long at = (long) i * Long.BYTES;
            long address = message.get(ValueLayout.JAVA_LONG, ProxyMessage.GPAS + at);
            long bytes = message.get(ValueLayout.JAVA_LONG, ProxyMessage.SIZES + at);
            long offset = message.get(ValueLayout.JAVA_LONG, ProxyMessage.OFFSETS + at);
            Mapping mapping = Mapping.ofShared(files.get(i), offset, bytes, true);
            regions.add(new Region(address, mapping));
            memory.map(mapping.segment(), address);
        }
    }

    @Override
    public void close() throws LinuxException {
        for (Region region : regions) {
            memory.unmap(region.address, region.mapping.segment().byteSize());
            region.mapping.close();
        }
        regions.clear();
    }
}
