package dev.ringside.daemon.config;

import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Moves configurations out of and into a running daemon, as a client of its own methods. */
public final class ConfigTransfer {
    private static final String START = "framework_start_init";

    private ConfigTransfer() {}

    /**
     * Asks a daemon for its whole configuration.
     *
     * @throws RpcException if it answers with an error
     * @throws IOException if the connection breaks
     */
    public static JsonNode save(RpcClient daemon) throws IOException {
        ObjectNode result = Json.object();
        ArrayNode subsystems = result.putArray("subsystems");
        for (JsonNode subsystem : daemon.call("framework_get_subsystems").values()) {
            JsonNode name = subsystem.path("subsystem");
            ObjectNode params = Json.object();
            params.set("name", name);
            ObjectNode saved = subsystems.addObject();
            saved.set("subsystem", name);
            saved.set("config", daemon.call("framework_get_config", params));
        }
        return result;
    }

    /**
     * Makes the calls of a configuration: first those that may be made before the start, then the start if the daemon
     * waits for it, then the others.
     *
     * @throws RpcException if the daemon answers a call with an error, or cannot make it any more; the message names the
     *     entry
     * @throws IOException if the connection breaks
     */
    public static void load(RpcClient daemon, List<ConfigEntry> entries) throws IOException {
        Set<String> known = methods(daemon, false);
        for (ConfigEntry entry : entries) {
            if (!known.contains(entry.method())) {
                throw named(entry, RpcException.methodNotFound(entry.method()));
            }
        }
        List<ConfigEntry> left = new ArrayList<>(entries);
        Set<String> current = methods(daemon, true);
        make(daemon, left, current);
        if (current.contains(START)) {
            daemon.call(START);
            make(daemon, left, methods(daemon, true));
        }
        if (!left.isEmpty()) {
            throw named(left.getFirst(), RpcException.wrongState("it may be called before the start only"));
        }
    }

    /** Makes those calls that may be made now, and takes them out. */
    private static void make(RpcClient daemon, List<ConfigEntry> left, Set<String> current) throws IOException {
        List<ConfigEntry> now =
                left.stream().filter(entry -> current.contains(entry.method())).toList();
        for (ConfigEntry entry : now) {
            try {
                daemon.call(entry.method(), entry.params());
            } catch (RpcException e) {
                throw named(entry, e);
            }
        }
        left.removeAll(now);
    }

    private static Set<String> methods(RpcClient daemon, boolean current) throws IOException {
        ObjectNode params = Json.object();
        params.put("current", current);
        params.put("include_aliases", true);
        Set<String> names = new HashSet<>();
        daemon.call("rpc_get_methods", params).values().forEach(name -> names.add(name.asString()));
        return names;
    }

    private static RpcException named(ConfigEntry entry, RpcException e) {
        return new RpcException(e.code(), entry.describe() + " failed: " + e.getMessage(), e.data());
    }
}
