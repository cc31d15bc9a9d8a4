package dev.ringside.daemon.rpc;

import dev.ringside.daemon.target.Disks;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The calls of a configuration: what a daemon is asked, one after the other, to be as this one is. */
final class ConfigCalls {
    private ConfigCalls() {}

    /** Adds a call; returns its parameters, of which there are none yet. */
    static ObjectNode add(ArrayNode calls, String method) {
        ObjectNode call = calls.addObject();
        call.put("method", method);
        return call.putObject("params");
    }

    /**
     * The names of all disks, sorted: what is set for them is told in an order that does not depend on which was made
     * first, since disks of drives come first when a configuration is replayed.
     */
    static List<String> names(Disks disks) {
        return disks.registry().list().stream()
                .map(entry -> entry.info().name())
                .sorted()
                .toList();
    }
}
