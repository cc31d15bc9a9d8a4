package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.vhost.memory.GuestMemory;
import dev.ringside.vhost.memory.GuestRegion;
import dev.ringside.vhost.memory.MemoryListener;
import dev.ringside.vhost.session.SessionState.Area;
import dev.ringside.vhost.session.SessionState.Region;
import dev.ringside.vhost.wire.MemoryTable;
import dev.ringside.vhost.wire.Message;
import dev.ringside.vhost.wire.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The memory that a front end has shown so far. Owned by the session's thread. */
final class MemoryMap implements AutoCloseable {
    private final Executor control;
    private final MemoryListener listener;
    private @Nullable GuestMemory current;

    /**
     * Makes an empty map.
     *
     * @param control where regions are unmapped
     * @param listener told of regions before they are used
     */
    MemoryMap(Executor control, MemoryListener listener) {
        this.control = control;
        this.listener = listener;
    }

    /** The present generation; null before the first. */
    @Nullable
    GuestMemory current() {
        return current;
    }

    /** SET_MEM_TABLE: replaces the whole map. */
    void replace(Message message) throws ProtocolException {
        int count = message.u32(MemoryTable.COUNT);
        long bytes = MemoryTable.REGIONS + (long) count * MemoryTable.REGION_BYTES;
        if (count < 0
                || count > MemoryTable.MAX_REGIONS
                || bytes != message.payload().byteSize()) {
            throw new ProtocolException("SET_MEM_TABLE of " + Integer.toUnsignedString(count) + " regions in "
                    + message.payload().byteSize() + " bytes: at most " + MemoryTable.MAX_REGIONS + " of "
                    + MemoryTable.REGION_BYTES + " bytes each are allowed");
        }
        if (message.fds().size() != count) {
            throw new ProtocolException("SET_MEM_TABLE of " + count + " regions came with "
                    + message.fds().size() + " descriptors, one for each is needed");
        }
        List<GuestRegion> regions = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                GuestRegion region = map(
                        message,
                        MemoryTable.REGIONS + i * MemoryTable.REGION_BYTES,
                        message.fds().get(i));
                regions.add(region);
                requireFree(region, regions.subList(0, i));
            }
        } catch (ProtocolException e) {
            regions.forEach(GuestRegion::discard);
            throw e;
        }
        become(new GuestMemory(regions, control));
    }

    /** ADD_MEM_REG. */
    void add(Message message) throws ProtocolException {
        if (message.fds().isEmpty()) {
            throw new ProtocolException("ADD_MEM_REG came without a descriptor");
        }
        GuestMemory memory = current;
        List<GuestRegion> regions = memory == null ? List.of() : memory.regions();
        if (regions.size() >= GuestMemory.MAX_REGIONS) {
            throw new ProtocolException("ADD_MEM_REG: there are " + regions.size() + " regions already, "
                    + GuestMemory.MAX_REGIONS + " are allowed");
        }
        GuestRegion region = map(message, MemoryTable.REGIONS, message.fds().get(0));
        try {
            requireFree(region, regions);
        } catch (ProtocolException e) {
            region.discard();
            throw e;
        }
        become(memory == null ? new GuestMemory(List.of(region), control) : memory.with(region));
    }

    /** REM_MEM_REG: names a region by its addresses and its size. */
    void remove(Message message) throws ProtocolException {
        long guest = message.u64(MemoryTable.REGIONS + MemoryTable.GUEST_ADDRESS);
        long size = message.u64(MemoryTable.REGIONS + MemoryTable.MEMORY_SIZE);
        long user = message.u64(MemoryTable.REGIONS + MemoryTable.USER_ADDRESS);
        GuestMemory memory = current;
        if (memory != null) {
            for (GuestRegion region : memory.regions()) {
                if (region.guestAddress() == guest && region.size() == size && region.userAddress() == user) {
                    become(memory.without(region));
                    return;
                }
            }
        }
        throw new ProtocolException(String.format(
                "REM_MEM_REG: there is no region of 0x%x bytes at guest address 0x%x, user address 0x%x",
                size, guest, user));
    }

    /** The regions, for another process. */
    List<Region> state() {
        GuestMemory memory = current;
        return memory == null
                ? List.of()
                : memory.regions().stream()
                        .map(region -> new Region(region.guestAddress(), region.userAddress(), Area.of(region.file())))
                        .toList();
    }

    /** Maps what another process had. */
    void adopt(List<Region> state) throws ProtocolException, LinuxException {
        List<GuestRegion> regions = new ArrayList<>();
        try {
            for (Region from : state) {
                Area area = from.area();
                GuestRegion region = GuestRegion.map(
                        area.file(), from.guestAddress(), area.size(), from.userAddress(), area.offset());
                regions.add(region);
                requireFree(region, regions.subList(0, regions.size() - 1));
            }
        } catch (ProtocolException | LinuxException | IllegalArgumentException e) {
            regions.forEach(GuestRegion::discard);
            throw e;
        }
        if (!regions.isEmpty()) {
            become(new GuestMemory(regions, control));
        }
    }

    /** Lets go of the memory; rings that still run keep what they hold. */
    @Override
    public void close() {
        GuestMemory memory = current;
        if (memory != null) {
            memory.release();
            current = null;
        }
    }

    private void become(GuestMemory next) {
        next.regions().forEach(region -> region.announce(listener));
        close();
        current = next;
    }

    private static GuestRegion map(Message message, int at, Fd fd) throws ProtocolException {
        try {
            return GuestRegion.map(
                    fd,
                    message.u64(at + MemoryTable.GUEST_ADDRESS),
                    message.u64(at + MemoryTable.MEMORY_SIZE),
                    message.u64(at + MemoryTable.USER_ADDRESS),
                    message.u64(at + MemoryTable.MMAP_OFFSET));
        } catch (IllegalArgumentException | LinuxException e) {
            throw new ProtocolException(message.request() + ": " + e.getMessage(), e);
        }
    }

    private static void requireFree(GuestRegion added, List<GuestRegion> regions) throws ProtocolException {
        for (GuestRegion region : regions) {
            if (region.overlaps(added)) {
                throw new ProtocolException(String.format(
                        "the memory region at guest address 0x%x overlaps the one at 0x%x",
                        added.guestAddress(), region.guestAddress()));
            }
        }
    }
}
