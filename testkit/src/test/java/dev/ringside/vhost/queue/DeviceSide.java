package dev.ringside.vhost.queue;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.GuestRegion;
import dev.ringside.vhost.memory.MemoryCursor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The device's view of memory that a test made, mapped a second time as a back end maps it. */
final class DeviceSide {
    private DeviceSide() {}

    /** A request without anything of a device's. */
    static final class BareChain extends Chain {}

    static GuestMemory map(GuestRam ram) throws LinuxException {
        List<GuestRegion> regions = new ArrayList<>();
        for (var region : ram.regions()) {
            var layout = region.layout();
            regions.add(GuestRegion.map(
                    region.file(), layout.guestAddress(), layout.bytes(), layout.userAddress(), layout.fileOffset()));
        }
        return new GuestMemory(regions, Runnable::run);
    }

    static RingParts parts(RingFormat format, GuestMemory memory, GuestRam ram, DriverQueue driver) {
        int size = driver.size();
        return new RingParts(
                part(format.descriptors(size), memory, ram, driver.descriptorArea()),
                part(format.driver(size), memory, ram, driver.driverArea()),
                part(format.device(size), memory, ram, driver.deviceArea()));
    }

    private static MemorySegment part(RingFormat.Part part, GuestMemory memory, GuestRam ram, long address) {
        return memory.atUserAddress(ram.userAddress(address), part.bytes()).orElseThrow();
    }

    static Virtqueue queue(
            RingFormat format,
            GuestMemory memory,
            GuestRam ram,
            DriverQueue driver,
            boolean indirect,
            boolean eventIdx) {
        return queue(
                format,
                memory,
                ram,
                driver,
                new RingFeatures(indirect, eventIdx),
                ChainSource.unlimited(BareChain::new));
    }

    /** A queue whose requests somebody pays for. */
    static Virtqueue queue(
            RingFormat format,
            GuestMemory memory,
            GuestRam ram,
            DriverQueue driver,
            RingFeatures features,
            ChainSource chains) {
        return format.attach(
                driver.size(),
                parts(format, memory, ram, driver),
                driver.base(),
                features,
                new MemoryCursor(memory),
                null,
                chains);
    }

    /** A queue that tracks its requests in a region of the test's. */
    static Virtqueue tracked(
            RingFormat format, int size, RingParts parts, int base, GuestMemory memory, InflightMemory inflight) {
        RingFeatures features = new RingFeatures(true, false);
        MemoryCursor cursor = new MemoryCursor(memory);
        ChainSource chains = ChainSource.unlimited(BareChain::new);
        return switch (format) {
            case SPLIT -> new SplitVirtqueue(size, parts, base, features, cursor, inflight, chains);
            case PACKED -> new PackedVirtqueue(size, parts, base, features, cursor, inflight, chains);
        };
    }
}
