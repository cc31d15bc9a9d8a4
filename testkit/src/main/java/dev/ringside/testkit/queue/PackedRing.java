package dev.ringside.testkit.queue;

import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.PackedLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A packed virtqueue as memory: each field readable and writable as it is, right or wrong. {@link PackedDriver} keeps to
 * the rules; a hostile test comes here. Allocates nothing.
 */
public final class PackedRing extends RingMemory {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ORDERED16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /**
     * A ring at given places.
     *
     * @param size number of entries, 1 to 32,768
     * @param descriptorArea guest-physical, a multiple of 16
     * @param driverArea guest-physical, a multiple of 4
     * @param deviceArea guest-physical, a multiple of 4
     */
    public PackedRing(GuestRam ram, int size, long descriptorArea, long driverArea, long deviceArea) {
        super(ram, RingFormat.PACKED, size, descriptorArea, driverArea, deviceArea);
    }

    private PackedRing(GuestRam ram, int size) {
        super(ram, RingFormat.PACKED, size);
    }

    /** A zeroed ring in memory of its own in the first region. */
    public static PackedRing allocate(GuestRam ram, int size) {
        return new PackedRing(ram, size);
    }

    /** Writes a descriptor of the ring but for its flags. */
    public void descriptor(int slot, long address, int length, int id) {
        descriptor(descriptors, (long) slot * Descriptor.BYTES, address, length, id);
    }

    /** Writes a descriptor of the ring, the flags last. */
    public void descriptor(int slot, long address, int length, int id, int flags) {
        descriptor(slot, address, length, id);
        flags(slot, flags);
    }

    /** Writes an entry of an indirect table, at an offset in bytes. */
    public static void tableEntry(MemorySegment table, long at, long address, int length, int flags) {
        descriptor(table, at, address, length, 0);
        table.set(U16, at + PackedLayout.FLAGS, (short) flags);
    }

    private static void descriptor(MemorySegment table, long at, long address, int length, int id) {
        table.set(U64, at + Descriptor.ADDRESS, address);
        table.set(U32, at + PackedLayout.LENGTH, length);
        table.set(U16, at + PackedLayout.ID, (short) id);
    }

    /** Writes the flags of a descriptor of the ring, after everything that was written before. */
    public void flags(int slot, int flags) {
        ORDERED16.setRelease(descriptors, (long) slot * Descriptor.BYTES + PackedLayout.FLAGS, (short) flags);
    }

    /** The flags of a descriptor of the ring; what was written before them is readable after this. */
    public int flags(int slot) {
        return Short.toUnsignedInt(
                (short) ORDERED16.getAcquire(descriptors, (long) slot * Descriptor.BYTES + PackedLayout.FLAGS));
    }

    /** The buffer id in a descriptor. */
    public int id(int slot) {
        return Short.toUnsignedInt(descriptors.get(U16, (long) slot * Descriptor.BYTES + PackedLayout.ID));
    }

    /** The address in a descriptor. */
    public long address(int slot) {
        return descriptors.get(U64, (long) slot * Descriptor.BYTES + Descriptor.ADDRESS);
    }

    /** The length in a descriptor: when it is used, the bytes that the device says it wrote. */
    public int length(int slot) {
        return descriptors.get(U32, (long) slot * Descriptor.BYTES + PackedLayout.LENGTH);
    }

    /** Writes the driver's wish for interrupts: where, with the wrap counter in bit 15, then the flags. */
    public void driverEvent(int offWrap, int flags) {
        driver.set(U16, PackedLayout.EVENT_OFF_WRAP, (short) offWrap);
        driverEventFlags(flags);
    }

    /** Writes the flags of the driver's wish for interrupts. */
    public void driverEventFlags(int flags) {
        ORDERED16.setRelease(driver, (long) PackedLayout.EVENT_FLAGS, (short) flags);
    }

    /** The flags of the device's wish for notifications. */
    public int deviceEventFlags() {
        return Short.toUnsignedInt((short) ORDERED16.getAcquire(device, (long) PackedLayout.EVENT_FLAGS));
    }

    /** Where the device wants a notification, with the wrap counter in bit 15. */
    public int deviceEventOffWrap() {
        return Short.toUnsignedInt((short) ORDERED16.getAcquire(device, (long) PackedLayout.EVENT_OFF_WRAP));
    }

    /**
     * Whether the device wants a notification of what was just made available (virtio 1.2, 2.8.21.3); its wish must be read
     * after the descriptors are visible to it.
     *
     * @param eventIdx whether VIRTIO_F_EVENT_IDX is negotiated
     * @param next the entry after the last one that was made available
     * @param wrap the driver's wrap counter there
     * @param entries how many were made available
     */
    public boolean kickWanted(boolean eventIdx, int next, boolean wrap, int entries) {
        int flags = deviceEventFlags();
        if (flags != PackedLayout.EVENT_DESC || !eventIdx) {
            return flags != PackedLayout.EVENT_DISABLE;
        }
        int offWrap = deviceEventOffWrap();
        int event = offWrap & PackedLayout.WRAP - 1;
        // How far behind the next entry the awaited one is; not positive: it has not been reached.
        int behind = next - event;
        if ((offWrap & PackedLayout.WRAP) != 0 != wrap) {
            behind += size();
        }
        return behind > 0 && behind <= entries;
    }
}
