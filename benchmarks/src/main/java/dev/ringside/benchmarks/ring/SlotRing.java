package dev.ringside.benchmarks.ring;

import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.RingMemory;
import dev.ringside.vhost.queue.RingFormat;

/**
 * The driver's side of a virtqueue with a fixed set of slots. A slot is one chain of three buffers (header, data, answer)
 * that is described once, before the load; a request is then one entry that names it. One thread; nothing here allocates
 * after the construction.
 *
 * <p>An abstract class and not an interface, so that the calls of the measured loop need no check of the type while one
 * format is loaded.
 */
public abstract class SlotRing {
    /** What {@link #poll} returns when no slot has come back. */
    public static final int NONE = -1;

    /** The parts of a ring lie as far apart as a guest puts them, so that they share no cache line. */
    static final long PART_ALIGNMENT = 4096;

    /** A ring with no slot described, in the first region of guest memory. */
    public static SlotRing of(
            RingFormat format, ChainShape shape, GuestRam ram, int slots, boolean eventIdx, boolean indirect) {
        return switch (format) {
            case SPLIT -> new SplitSlotRing(shape, ram, slots, eventIdx, indirect);
            case PACKED -> new PackedSlotRing(shape, ram, slots, eventIdx, indirect);
        };
    }

    /** Entries of a ring for so many slots: a power of two, at least 256. */
    public static int entriesFor(int slots, boolean indirect) {
        int least = Math.max(256, indirect ? slots : slots * SlotChains.BUFFERS);
        return Integer.highestOneBit(least - 1) << 1;
    }

    /** Split or packed. */
    public abstract RingFormat format();

    /** The ring as memory. */
    abstract RingMemory memory();

    /** Number of entries. */
    public final int size() {
        return memory().size();
    }

    /** Guest-physical address of the descriptors. */
    public final long descriptorArea() {
        return memory().descriptorArea();
    }

    /** Guest-physical address of what the driver writes besides. */
    public final long driverArea() {
        return memory().driverArea();
    }

    /** Guest-physical address of what the device writes. */
    public final long deviceArea() {
        return memory().deviceArea();
    }

    /** What SET_VRING_BASE is given before the first request. */
    public abstract int base();

    /**
     * Describes a slot, once.
     *
     * @param header guest-physical address of what the device reads first, as long as the shape of the chains says
     * @param data guest-physical address of the data
     * @param dataBytes length of the data, at least 1
     * @param answer guest-physical address of what the device writes besides the data
     */
    public abstract void describe(int slot, long header, long data, int dataBytes, long answer);

    /**
     * Adds a slot's request, to be shown by the next {@link #publish}.
     *
     * @param slot one that is not in flight
     * @param in whether the device writes the data
     */
    public abstract void add(int slot, boolean in);

    /**
     * Shows what was added to the device.
     *
     * @return whether the device wants to be kicked for it
     */
    public abstract boolean publish();

    /**
     * Shows what was added to a device that is known to poll: as {@link #publish}, without asking whether it wants a kick,
     * which costs a full fence.
     */
    public abstract void publishQuietly();

    /**
     * Takes a slot back.
     *
     * @return the slot, or {@link #NONE}
     * @throws IllegalStateException if the device gave back what it did not have
     */
    public abstract int poll();

    /** Whether {@link #poll} would return a slot. */
    public abstract boolean hasUsed();

    /**
     * Asks for a call when the next slot comes back.
     *
     * @return whether one has come back already, so that no call need follow
     */
    public abstract boolean enableCalls();

    /** Asks for no calls. */
    public abstract void disableCalls();
}
