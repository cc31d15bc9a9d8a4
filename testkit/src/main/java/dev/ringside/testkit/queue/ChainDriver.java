package dev.ringside.testkit.queue;

import dev.ringside.vhost.queue.Descriptor;
import java.lang.foreign.MemorySegment;

/**
 * What drivers of both formats have alike: the chain that is being described, indirect tables, and how many descriptors
 * each chain has that is with the device.
 */
abstract sealed class ChainDriver implements DriverQueue permits SplitDriver, PackedDriver {
    static final int NONE = -1;

    final int size;
    private final RingMemory ring;
    private final ChainDraft draft;
    /** Descriptors of a chain, by its id; 0 while the device does not have it. */
    private final int[] chainLength;

    private final int indirectCapacity;
    private final long indirectAddress;
    private final MemorySegment indirect;
    private int free;
    private int inFlight;
    private int usedLength;
    private long kicks;
    private long kicksSpared;

    ChainDriver(GuestRam ram, RingMemory ring, int indirectCapacity) {
        this.ring = ring;
        this.size = ring.size();
        this.draft = new ChainDraft(Math.max(size, indirectCapacity));
        this.chainLength = new int[size];
        this.free = size;
        this.indirectCapacity = indirectCapacity;
        long tables = (long) size * indirectCapacity * Descriptor.BYTES;
        this.indirectAddress = ram.allocate(tables, Descriptor.BYTES);
        this.indirect = ram.at(indirectAddress, tables);
    }

    /** The id that the next chain will have; there is one as long as a descriptor is free. */
    abstract int nextId();

    /** Takes {@link #nextId}, and puts a chain of at most as many descriptors as are free into the ring. */
    abstract void put(ChainDraft chain);

    /** Writes the entry of an indirect table at an offset; {@code index} is its own, {@code count} that of all. */
    abstract void putEntry(MemorySegment table, long at, ChainDraft chain, int index, int count);

    @Override
    public final int size() {
        return size;
    }

    @Override
    public final long descriptorArea() {
        return ring.descriptorArea();
    }

    @Override
    public final long driverArea() {
        return ring.driverArea();
    }

    @Override
    public final long deviceArea() {
        return ring.deviceArea();
    }

    @Override
    public final int free() {
        return free;
    }

    @Override
    public final int inFlight() {
        return inFlight;
    }

    @Override
    public final long kicks() {
        return kicks;
    }

    @Override
    public final long kicksSpared() {
        return kicksSpared;
    }

    @Override
    public final int usedLength() {
        return usedLength;
    }

    @Override
    public final void readable(long address, int length) {
        draft.append(address, length, 0);
    }

    @Override
    public final void writable(long address, int length) {
        draft.append(address, length, Descriptor.F_WRITE);
    }

    @Override
    public final int add() {
        int count = draft.count;
        if (count == 0 || count > free) {
            draft.count = 0;
            return NONE;
        }
        int id = nextId();
        put(draft);
        draft.count = 0;
        chainLength[id] = count;
        free -= count;
        inFlight++;
        return id;
    }

    @Override
    public final int addIndirect() {
        int count = draft.count;
        if (count == 0 || free == 0) {
            draft.count = 0;
            return NONE;
        }
        if (count > indirectCapacity) {
            throw new IllegalStateException(count + " buffers, an indirect table holds " + indirectCapacity);
        }
        long table = (long) nextId() * indirectCapacity * Descriptor.BYTES;
        for (int i = 0; i < count; i++) {
            putEntry(indirect, table + (long) i * Descriptor.BYTES, draft, i, count);
        }
        draft.count = 0;
        draft.append(indirectAddress + table, count * Descriptor.BYTES, Descriptor.F_INDIRECT);
        return add();
    }

    /** Counts what {@link #publish} found the device to want, and returns it. */
    final boolean counted(boolean wanted) {
        if (wanted) {
            kicks++;
        } else {
            kicksSpared++;
        }
        return wanted;
    }

    /**
     * A chain has come back.
     *
     * @return how many descriptors it has
     * @throws IllegalStateException if the device did not have it
     */
    final int returned(int id, int written) {
        if (id < 0 || id >= size || chainLength[id] == 0) {
            throw new IllegalStateException(
                    "the device gave back chain " + Integer.toUnsignedString(id) + ", which it did not have");
        }
        int count = chainLength[id];
        chainLength[id] = 0;
        free += count;
        inFlight--;
        usedLength = written;
        return count;
    }
}
