package dev.ringside.testkit.queue;

import dev.ringside.vhost.queue.Descriptor;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.SplitLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A split virtqueue as memory: each field readable and writable as it is, right or wrong. {@link SplitDriver} keeps to the
 * rules; a hostile test comes here. Allocates nothing.
 */
public final class SplitRing extends RingMemory {
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ORDERED16 =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /**
     * A ring at given places.
     *
     * @param size number of entries, a power of two up to 32,768
     * @param descriptorArea guest-physical, a multiple of 16
     * @param driverArea guest-physical, a multiple of 2
     * @param deviceArea guest-physical, a multiple of 4
     */
    public SplitRing(GuestRam ram, int size, long descriptorArea, long driverArea, long deviceArea) {
        super(ram, RingFormat.SPLIT, size, descriptorArea, driverArea, deviceArea);
    }

    private SplitRing(GuestRam ram, int size) {
        super(ram, RingFormat.SPLIT, size);
    }

    /** A zeroed ring in memory of its own in the first region. */
    public static SplitRing allocate(GuestRam ram, int size) {
        return new SplitRing(ram, size);
    }

    /** Writes a descriptor of the table. */
    public void descriptor(int index, long address, int length, int flags, int next) {
        descriptor(descriptors, (long) index * Descriptor.BYTES, address, length, flags, next);
    }

    /** Writes a descriptor of any table, such as an indirect one, at an offset in bytes. */
    public static void descriptor(MemorySegment table, long at, long address, int length, int flags, int next) {
        table.set(U64, at + Descriptor.ADDRESS, address);
        table.set(U32, at + Descriptor.LENGTH, length);
        table.set(U16, at + Descriptor.FLAGS, (short) flags);
        table.set(U16, at + Descriptor.NEXT, (short) next);
    }

    /** Writes an entry of the available ring; {@code position} is taken modulo the size. */
    public void availableEntry(int position, int head) {
        driver.set(U16, availableOffset(position), (short) head);
    }

    /** An entry of the available ring. */
    public int availableEntry(int position) {
        return Short.toUnsignedInt(driver.get(U16, availableOffset(position)));
    }

    /** Publishes the available index, after everything that was written before. */
    public void availableIndex(int index) {
        ORDERED16.setRelease(driver, (long) SplitLayout.INDEX, (short) index);
    }

    /** The available index. */
    public int availableIndex() {
        return Short.toUnsignedInt((short) ORDERED16.getAcquire(driver, (long) SplitLayout.INDEX));
    }

    /** Writes the flags of the available ring. */
    public void availableFlags(int flags) {
        ORDERED16.setRelease(driver, (long) SplitLayout.FLAGS, (short) flags);
    }

    /** Writes the index of the used entry after which the driver wants an interrupt. */
    public void usedEvent(int index) {
        ORDERED16.setRelease(driver, SplitLayout.usedEvent(size()), (short) index);
    }

    /** The index of the used entry after which the driver wants an interrupt. */
    public int usedEvent() {
        return Short.toUnsignedInt((short) ORDERED16.getAcquire(driver, SplitLayout.usedEvent(size())));
    }

    /** The used index; what was used before it is readable after this. */
    public int usedIndex() {
        return Short.toUnsignedInt((short) ORDERED16.getAcquire(device, (long) SplitLayout.INDEX));
    }

    /** Writes the used index, which is the device's to write. */
    public void usedIndex(int index) {
        ORDERED16.setRelease(device, (long) SplitLayout.INDEX, (short) index);
    }

    /** The flags of the used ring. */
    public int usedFlags() {
        return Short.toUnsignedInt((short) ORDERED16.getAcquire(device, (long) SplitLayout.FLAGS));
    }

    /** The index of the available entry after which the device wants a notification. */
    public int availEvent() {
        return Short.toUnsignedInt((short) ORDERED16.getAcquire(device, SplitLayout.availEvent(size())));
    }

    /** Head of the chain in a used entry, as the 32-bit number that the device wrote. */
    public int usedId(int position) {
        return device.get(U32, usedOffset(position));
    }

    /** Bytes that the device says it wrote, in a used entry. */
    public int usedLength(int position) {
        return device.get(U32, usedOffset(position) + SplitLayout.USED_LENGTH);
    }

    private long availableOffset(int position) {
        return SplitLayout.RING + (long) (position & (size() - 1)) * SplitLayout.AVAILABLE_ENTRY;
    }

    private long usedOffset(int position) {
        return SplitLayout.RING + (long) (position & (size() - 1)) * SplitLayout.USED_ENTRY;
    }
}
