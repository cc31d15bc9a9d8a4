package dev.ringside.benchmarks.micro;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion.Layout;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.GuestRegion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Memory as both sides have it: the driver's, and mapped a second time, as a back end maps it. */
record SharedRam(GuestRam ram, GuestMemory memory) implements AutoCloseable {

    /** Maps what plays the guest's memory, and owns it from then on. */
    static SharedRam map(GuestRam ram) throws LinuxException {
        List<GuestRegion> regions = new ArrayList<>();
        for (var region : ram.regions()) {
            Layout layout = region.layout();
            regions.add(GuestRegion.map(
                    region.file(), layout.guestAddress(), layout.bytes(), layout.userAddress(), layout.fileOffset()));
        }
        GuestMemory memory = new GuestMemory(regions, Runnable::run);
        memory.hold();
        return new SharedRam(ram, memory);
    }

    /** The device's view of a range. */
    MemorySegment device(long address, long bytes) {
        return memory.atUserAddress(ram.userAddress(address), bytes).orElseThrow();
    }

    @Override
    public void close() {
        memory.release();
        ram.close();
    }
}
