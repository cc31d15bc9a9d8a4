package dev.ringside.vhost.queue;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.DriverQueue;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.GuestRegion;
import dev.ringside.vhost.memory.MemoryCursor;
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

    static RingParts parts(GuestMemory memory, GuestRam ram, DriverQueue driver) {
        int size = driver.size();
        return new RingParts(
                memory.atUserAddress(ram.userAddress(driver.descriptorArea()), SplitLayout.descriptorBytes(size))
                        .orElseThrow(),
                memory.atUserAddress(ram.userAddress(driver.driverArea()), SplitLayout.availableBytes(size))
                        .orElseThrow(),
                memory.atUserAddress(ram.userAddress(driver.deviceArea()), SplitLayout.usedBytes(size))
                        .orElseThrow());
    }

    static SplitVirtqueue queue(
            GuestMemory memory, GuestRam ram, DriverQueue driver, boolean indirect, boolean eventIdx) {
        return new SplitVirtqueue(
                driver.size(),
                parts(memory, ram, driver),
                driver.base(),
                new RingFeatures(indirect, eventIdx),
                new MemoryCursor(memory),
                null,
                BareChain::new);
    }
}
