package dev.ringside.daemon.config;

import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.Params;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Moves configurations out of and into a running daemon, as a client of its own methods. One thread. */
public final class ConfigTransfer {
    private static final String START = "framework_start_init";
    private static final String SUBSYSTEM = "subsystem";

    private final RpcClient daemon;
    private final Map<String, MethodSpec> schema;
    /** What takes the calls back that have been made, the last one first. */
    private final Deque<InverseCall> made = new ArrayDeque<>();

    /**
     * Makes one.
     *
     * @param schema by which calls are checked before any is made; a daemon of another version may have other methods,
     *     which it checks itself
     */
    public ConfigTransfer(RpcClient daemon, List<MethodSpec> schema) {
        this.daemon = daemon;
        this.schema = schema.stream().collect(Collectors.toMap(MethodSpec::name, Function.identity()));
    }

    /** Makes a call of a daemon. */
    @FunctionalInterface
    public interface Caller {
        /**
         * Makes it.
         *
         * @throws RpcException if it is answered with an error
         * @throws IOException if the connection breaks
         */
        JsonNode call(String method, @Nullable JsonNode params) throws IOException;
    }

    /**
     * Asks a daemon for its whole configuration.
     *
     * @throws RpcException if it answers with an error
     * @throws IOException if the connection breaks
     */
    public static JsonNode save(Caller daemon) throws IOException {
        return save(daemon, List.of());
    }

    /**
     * Asks a daemon for the configuration of some subsystems, and of those that they depend on.
     *
     * @param wanted their names; empty: all
     * @throws RpcException if it answers with an error, or does not have one of them
     * @throws IOException if the connection breaks
     */
    public static JsonNode save(Caller daemon, Collection<String> wanted) throws IOException {
        List<JsonNode> there =
                daemon.call("framework_get_subsystems", null).valueStream().toList();
        Set<String> left = new TreeSet<>(wanted);
        // What a subsystem depends on stands before it.
        for (JsonNode subsystem : there.reversed()) {
            if (left.contains(subsystem.path(SUBSYSTEM).asString())) {
                subsystem.path("depends_on").forEach(other -> left.add(other.asString()));
            }
        }
        ObjectNode result = Json.object();
        ArrayNode subsystems = result.putArray("subsystems");
        for (JsonNode subsystem : there) {
            String name = subsystem.path(SUBSYSTEM).asString();
            if (left.remove(name) || wanted.isEmpty()) {
                subsystems.add(saveSubsystem(daemon, name));
            }
        }
        if (!left.isEmpty()) {
            throw RpcException.invalidParams("there is no subsystem " + String.join(", ", left));
        }
        return result;
    }

    /**
     * Asks a daemon for the configuration of one subsystem, without those that it depends on.
     *
     * @throws RpcException if it answers with an error
     * @throws IOException if the connection breaks
     */
    public static JsonNode saveSubsystem(Caller daemon, String name) throws IOException {
        ObjectNode params = Json.object();
        params.put("name", name);
        ObjectNode saved = Json.object();
        saved.put(SUBSYSTEM, name);
        saved.set("config", daemon.call("framework_get_config", params));
        return saved;
    }

    /**
     * Makes the calls of a configuration: first those that may be made before the start, then the start if the daemon
     * waits for it, then the others. All are checked before the first is made; if one fails all the same, those before it
     * are taken back, as far as there are methods for that.
     *
     * @throws RpcException if the daemon answers a call with an error, or cannot make it any more; the message names the
     *     entry
     * @throws IOException if the connection breaks
     */
    public void load(List<ConfigEntry> entries) throws IOException {
        check(entries);
        made.clear();
        List<ConfigEntry> left = new ArrayList<>(entries);
        Set<String> current = methods(true);
        make(left, current);
        if (current.contains(START)) {
            daemon.call(START);
            make(left, methods(true));
        }
        if (!left.isEmpty()) {
            throw undone(left.getFirst(), RpcException.wrongState("it may be called before the start only"));
        }
    }

    /**
     * Makes the calls of a subsystem as {@link #load} does, but a daemon that waits for its start goes on waiting.
     *
     * @throws RpcException if the daemon answers a call with an error, or one may not be made now; the message names the
     *     entry
     * @throws IOException if the connection breaks
     */
    public void loadSubsystem(List<ConfigEntry> entries) throws IOException {
        check(entries);
        Set<String> current = methods(true);
        for (ConfigEntry entry : entries) {
            if (!current.contains(entry.method())) {
                throw named(entry, RpcException.wrongState("it may not be called in the daemon's present state"));
            }
        }
        made.clear();
        make(new ArrayList<>(entries), current);
    }

    /**
     * What {@link #load} would change, in lines for a person.
     *
     * @return none if the daemon is already as the entries say
     * @throws RpcException if an entry cannot be called; the message names it
     * @throws IOException if the connection breaks
     */
    public List<String> difference(List<ConfigEntry> entries) throws IOException {
        check(entries);
        if (methods(true).contains(START)) {
            return new ConfigDifference(schema).lines(List.of(), entries);
        }
        return new ConfigDifference(schema).lines(ConfigFile.entries(save(daemon::call)), entries);
    }

    private void check(List<ConfigEntry> entries) throws IOException {
        Set<String> known = methods(false);
        for (ConfigEntry entry : entries) {
            if (!known.contains(entry.method())) {
                throw named(entry, RpcException.methodNotFound(entry.method()));
            }
            MethodSpec spec = schema.get(entry.method());
            if (spec != null) {
                try {
                    Params.decode(spec, entry.params());
                } catch (RpcException e) {
                    throw named(entry, e);
                }
            }
        }
    }

    /** Makes those calls that may be made now, and takes them out. */
    private void make(List<ConfigEntry> left, Set<String> current) throws IOException {
        List<ConfigEntry> now =
                left.stream().filter(entry -> current.contains(entry.method())).toList();
        for (ConfigEntry entry : now) {
            try {
                JsonNode result = daemon.call(entry.method(), entry.params());
                InverseCall.of(entry, result).ifPresent(made::push);
            } catch (RpcException e) {
                throw undone(entry, e);
            }
        }
        left.removeAll(now);
    }

    /** Takes back what has been made, and names the entry that could not be. */
    private RpcException undone(ConfigEntry entry, RpcException failure) throws IOException {
        List<String> stay = new ArrayList<>();
        for (InverseCall call : made) {
            try {
                daemon.call(call.method(), call.params());
            } catch (RpcException e) {
                stay.add(call.method() + ": " + e.getMessage());
            }
        }
        RpcException named = named(entry, failure);
        return stay.isEmpty()
                ? named
                : new RpcException(
                        named.code(),
                        named.getMessage() + "; not everything before it could be taken back: "
                                + String.join(", ", stay),
                        named.data());
    }

    private Set<String> methods(boolean current) throws IOException {
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
