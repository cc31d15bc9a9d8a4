package dev.ringside.daemon.target;

import dev.ringside.daemon.target.ScsiParts.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parts of disks that are wanted and whose disks are not there, by their names; they know their disks by stable names. Any thread. */
final class MissedParts {
    private final Map<String, Part> parts = new LinkedHashMap<>();

    MissedParts() {}

    synchronized void add(Part part) {
        parts.put(part.name(), part);
    }

    /** Whether there was one of that name, which is wanted no more, or is there. */
    synchronized boolean remove(String name) {
        return parts.remove(name) != null;
    }

    synchronized boolean has(String name) {
        return parts.containsKey(name);
    }

    synchronized List<Part> list() {
        return List.copyOf(parts.values());
    }
}
