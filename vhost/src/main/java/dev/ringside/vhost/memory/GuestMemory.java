package dev.ringside.vhost.memory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One generation of a guest's memory map; immutable. Whoever uses it holds it ({@link #hold}, {@link #release}); when
 * nobody does any more, its regions are unmapped on the control plane, unless a later generation has them too.
 */
public final class GuestMemory {
    /** Most regions of a map: as many memory slots as KVM has at least. */
    public static final int MAX_REGIONS = 509;

    private final List<GuestRegion> regions;
    private final Executor control;
    private final AtomicInteger holders = new AtomicInteger(1);

    /**
     * Makes a generation that the caller holds.
     *
     * @param regions as many as {@link #MAX_REGIONS}, none overlapping another in guest addresses
     * @param control where regions are unmapped, since that may block
     */
    public GuestMemory(List<GuestRegion> regions, Executor control) {
        this.regions = List.copyOf(regions);
        this.control = control;
        this.regions.forEach(GuestRegion::join);
    }

    /** The regions, in no particular order. */
    public List<GuestRegion> regions() {
        return regions;
    }

    /** The next generation, with one region more; the caller holds it. */
    public GuestMemory with(GuestRegion added) {
        List<GuestRegion> next = new ArrayList<>(regions);
        next.add(added);
        return new GuestMemory(next, control);
    }

    /** The next generation, with one region less; the caller holds it. */
    public GuestMemory without(GuestRegion removed) {
        return new GuestMemory(
                regions.stream().filter(region -> region != removed).toList(), control);
    }

    /** Keeps the regions mapped until {@link #release}; any thread that knows somebody else holds the map. */
    public void hold() {
        holders.incrementAndGet();
    }

    /** Lets go; any thread. */
    public void release() {
        if (holders.decrementAndGet() == 0) {
            control.execute(() -> regions.forEach(GuestRegion::leave));
        }
    }

    /**
     * The memory behind a range of the front end's addresses, which is how it names rings.
     *
     * @return empty unless one region holds all of it
     */
    public Optional<MemorySegment> atUserAddress(long address, long length) {
        for (GuestRegion region : regions) {
            long offset = address - region.userAddress();
            if (offset >= 0 && offset < region.size() && length <= region.size() - offset) {
                return Optional.of(region.segment().asSlice(offset, length));
            }
        }
        return Optional.empty();
    }

    /** The guest-physical address behind one of the front end's; -1 if there is none. */
    public long guestAddress(long userAddress) {
        for (GuestRegion region : regions) {
            long offset = userAddress - region.userAddress();
            if (offset >= 0 && offset < region.size()) {
                return region.guestAddress() + offset;
            }
        }
        return -1;
    }
}
