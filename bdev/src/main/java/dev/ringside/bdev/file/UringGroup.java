package dev.ringside.bdev.file;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rings of all file disks: one for each reactor that has such a disk open. Made once, by the composition root, and
 * given to each {@link FileBdev}.
 */
public final class UringGroup {
    /** Each is touched by its own reactor only. */
    private final Map<Reactor, ReactorRing> rings = new HashMap<>();

    private final List<MemorySegment> registered = new ArrayList<>();

    /** Makes a group without a ring. */
    public UringGroup() {
        // Rings come with their first users.
    }

    /**
     * Registers memory with all rings, those that come later included, so that transfers to it cost less. It is pinned from
     * then on: what is mapped now has to stay where it is, since a page that is given back and comes anew is another one for
     * the rings. Any thread.
     *
     * @return unregisters it; called once, when no request uses it any more
     */
    public synchronized Runnable register(MemorySegment memory) {
        registered.add(memory);
        rings.forEach((reactor, ring) -> reactor.execute(() -> ring.addMemory(memory)));
        return () -> unregister(memory);
    }

    private synchronized void unregister(MemorySegment memory) {
        registered.remove(memory);
        rings.forEach((reactor, ring) -> reactor.execute(() -> ring.removeMemory(memory)));
    }

    private synchronized void closed(Reactor reactor) {
        rings.remove(reactor);
    }

    /** Joins the reactor's ring, which is made for the first user; on that reactor. */
    synchronized ReactorRing join(Reactor reactor) throws LinuxException {
        ReactorRing ring = rings.get(reactor);
        if (ring == null) {
            ring = ReactorRing.open(reactor, () -> closed(reactor));
            registered.forEach(ring::addMemory);
            rings.put(reactor, ring);
        }
        ring.join();
        return ring;
    }

    /** How many rings there are; any thread. */
    synchronized int size() {
        return rings.size();
    }
}
