package dev.ringside.daemon.takeover;

import dev.ringside.env.linux.Fd;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The descriptors of a frame, which its JSON names by number. */
final class Descriptors {
    private final List<Fd> fds;

    /** An empty list, to be filled. */
    Descriptors() {
        this(new ArrayList<>());
    }

    /** Those that came with a frame. */
    Descriptors(List<Fd> fds) {
        this.fds = fds;
    }

    List<Fd> list() {
        return fds;
    }

    /** Adds a descriptor, if there is one, and names it in an object. */
    void put(ObjectNode node, String name, @Nullable Fd fd) {
        if (fd != null) {
            node.put(name, add(fd));
        }
    }

    /** Adds a descriptor; its number. */
    int add(Fd fd) {
        fds.add(fd);
        return fds.size() - 1;
    }

    /** The descriptor that an object names; null if it names none. */
    @Nullable
    Fd find(JsonNode node, String name) {
        return node.has(name) ? get(node.required(name)) : null;
    }

    /** The descriptor that an object has to name. */
    Fd get(JsonNode node, String name) {
        return get(node.required(name));
    }

    /** The descriptor of a number. */
    Fd get(JsonNode number) {
        int index = number.intValue();
        if (index < 0 || index >= fds.size()) {
            throw new IllegalArgumentException("descriptor " + index + " of " + fds.size());
        }
        return fds.get(index);
    }
}
