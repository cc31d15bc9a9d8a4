package dev.ringside.testkit.queue;

import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.MemorySegment;

/** Where a ring is in guest memory, under the names that both formats share (virtio 1.2, 2.6). */
public abstract sealed class RingMemory permits SplitRing, PackedRing {
    final MemorySegment descriptors;
    final MemorySegment driver;
    final MemorySegment device;
    private final int size;
    private final long descriptorArea;
    private final long driverArea;
    private final long deviceArea;

    /** A ring at given places. */
    RingMemory(GuestRam ram, RingFormat format, int size, long descriptorArea, long driverArea, long deviceArea) {
        this.size = size;
        this.descriptorArea = descriptorArea;
        this.driverArea = driverArea;
        this.deviceArea = deviceArea;
        this.descriptors = ram.at(descriptorArea, format.descriptors(size).bytes());
        this.driver = ram.at(driverArea, format.driver(size).bytes());
        this.device = ram.at(deviceArea, format.device(size).bytes());
    }

    /** A zeroed ring in memory of its own in the first region. */
    RingMemory(GuestRam ram, RingFormat format, int size) {
        this(
                ram,
                format,
                size,
                allocate(ram, format.descriptors(size)),
                allocate(ram, format.driver(size)),
                allocate(ram, format.device(size)));
        clear();
    }

    private static long allocate(GuestRam ram, RingFormat.Part part) {
        return ram.allocate(part.bytes(), part.alignment());
    }

    /** Number of entries. */
    public final int size() {
        return size;
    }

    /** Guest-physical address of the descriptors. */
    public final long descriptorArea() {
        return descriptorArea;
    }

    /** Guest-physical address of what the driver writes besides. */
    public final long driverArea() {
        return driverArea;
    }

    /** Guest-physical address of what the device writes. */
    public final long deviceArea() {
        return deviceArea;
    }

    /** Zeroes all three parts. */
    public final void clear() {
        descriptors.fill((byte) 0);
        driver.fill((byte) 0);
        device.fill((byte) 0);
    }
}
