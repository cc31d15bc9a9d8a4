package dev.ringside.bdev.file;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The rings of all file disks: one for each reactor that has such a disk open. Made once, by the composition root, and
 * given to each {@link FileBdev}.
 */
public final class UringGroup {
    /** Each entry is touched by its own reactor only. */
    private final Map<Reactor, ReactorRing> rings = new ConcurrentHashMap<>();

    /** Makes a group without a ring. */
    public UringGroup() {
        // Rings come with their first users.
    }

    /** Joins the reactor's ring, which is made for the first user; on that reactor. */
    ReactorRing join(Reactor reactor) throws LinuxException {
        ReactorRing ring = rings.get(reactor);
        if (ring == null) {
            ring = new ReactorRing(reactor, () -> rings.remove(reactor));
            rings.put(reactor, ring);
        }
        ring.join();
        return ring;
    }

    /** How many rings there are; any thread. */
    int size() {
        return rings.size();
    }
}
