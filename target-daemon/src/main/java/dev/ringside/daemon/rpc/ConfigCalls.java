package dev.ringside.daemon.rpc;

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
}
