package dev.ringside.testkit.queue;

import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Memory that plays a guest's: one or more regions, each a file that a back end can map. Addresses are guest-physical. */
public final class GuestRam implements AutoCloseable {
    /** What is added to a guest-physical address to make the front end's, unless a test says otherwise. */
    public static final long USER_BASE = 0x7f10_0000_0000L;

    private static final long MIB = 1 << 20;

    private final List<GuestRegion> regions;
    private @Nullable Object resident;

    private GuestRam(List<GuestRegion> regions) {
        this.regions = List.copyOf(regions);
    }

    /**
     * One region from guest address 0.
     *
     * @throws LinuxException if memory or descriptors ran out
     */
    public static GuestRam ofMiB(int mib) throws LinuxException {
        return of(new GuestRegion.Layout(0, mib * MIB, USER_BASE, 0));
    }

    /**
     * Several regions of the same size, with holes of that size between them, and with user addresses whose order and
     * distance differ from the guest's.
     *
     * @param first guest-physical address of the first region, in bytes
     */
    public static GuestRam withHoles(int count, int mibEach, long first) throws LinuxException {
        long size = mibEach * MIB;
        GuestRegion.Layout[] layouts = new GuestRegion.Layout[count];
        for (int i = 0; i < count; i++) {
            long user = USER_BASE + (count - i) * 3L * size;
            layouts[i] = new GuestRegion.Layout(first + 2L * i * size, size, user, i * 4096L);
        }
        return of(layouts);
    }

    /**
     * Regions as they are described.
     *
     * @throws LinuxException if memory or descriptors ran out
     */
    public static GuestRam of(GuestRegion.Layout... layouts) throws LinuxException {
        List<GuestRegion> regions = new ArrayList<>();
        try {
            for (GuestRegion.Layout layout : layouts) {
                regions.add(new GuestRegion(layout));
            }
        } catch (LinuxException e) {
            regions.forEach(GuestRegion::close);
            throw e;
        }
        return new GuestRam(regions);
    }

    /** The regions, in the order in which they were described. */
    public List<GuestRegion> regions() {
        return regions;
    }

    /** One region. */
    public GuestRegion region(int index) {
        return regions.get(index);
    }

    /** The region that holds a range; an {@link IllegalArgumentException} if there is none. */
    public GuestRegion regionOf(long address, long length) {
        for (GuestRegion region : regions) {
            if (region.holds(address, length)) {
                return region;
            }
        }
        throw new IllegalArgumentException(
                "no region holds " + length + " bytes at guest address 0x" + Long.toHexString(address));
    }

    /** Takes memory from the first region; see {@link #allocateIn}. */
    public long allocate(long bytes, long alignment) {
        return allocateIn(0, bytes, alignment);
    }

    /**
     * Takes memory from a region, for as long as the region lives or until {@link #freeAll}.
     *
     * @param alignment in bytes, a power of two
     * @return its guest-physical address
     * @throws IllegalStateException if the region is full
     */
    public long allocateIn(int region, long bytes, long alignment) {
        return regions.get(region).allocate(bytes, alignment);
    }

    /** Forgets every allocation; the contents stay. */
    public void freeAll() {
        regions.forEach(GuestRegion::freeAll);
    }

    /**
     * Forgets every allocation, for a guest that boots, again or as the first.
     *
     * @param guest lives here until {@link #leave}
     * @throws IllegalStateException if another one lives here: each would overwrite the other's rings
     */
    public void boot(Object guest) {
        if (resident != null && resident != guest) {
            throw new IllegalStateException("another guest has this memory: give each its own");
        }
        resident = guest;
        freeAll();
    }

    /** The guest is gone, if it lived here. */
    public void leave(Object guest) {
        if (resident == guest) {
            resident = null;
        }
    }

    /** The address in the front end that stands for a guest-physical address. */
    public long userAddress(long address) {
        GuestRegion.Layout layout = regionOf(address, 0).layout();
        return layout.userAddress() + (address - layout.guestAddress());
    }

    /** The memory at a guest-physical address. Makes an object; not for a loop that may not allocate. */
    public MemorySegment at(long address, long length) {
        GuestRegion region = regionOf(address, length);
        return region.memory().asSlice(address - region.guestAddress(), length);
    }

    /** Writes bytes. */
    public void write(long address, byte[] bytes) {
        MemorySegment.copy(bytes, 0, at(address, bytes.length), ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    /** Reads bytes. */
    public byte[] read(long address, int length) {
        return at(address, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Sets every byte of a range. */
    public void fill(long address, long length, int value) {
        at(address, length).fill((byte) value);
    }

    /** Writes a byte. */
    public void putByte(long address, int value) {
        at(address, 1).set(ValueLayout.JAVA_BYTE, 0, (byte) value);
    }

    /** Writes a 32-bit number, little endian. */
    public void putInt(long address, int value) {
        at(address, 4).set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    }

    /** Writes a 64-bit number, little endian. */
    public void putLong(long address, long value) {
        at(address, 8).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    }

    /** Reads a byte, unsigned. */
    public int byteAt(long address) {
        return Byte.toUnsignedInt(at(address, 1).get(ValueLayout.JAVA_BYTE, 0));
    }

    @Override
    public void close() {
        regions.forEach(GuestRegion::close);
    }
}
