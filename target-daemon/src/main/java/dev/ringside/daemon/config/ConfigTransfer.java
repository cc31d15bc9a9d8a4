package dev.ringside.daemon.config;

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
import java.util.Optional;
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

    private final Caller daemon;
    private final Map<String, MethodSpec> schema;
    /** The calls that have been made, the last one first. */
    private final Deque<Made> made = new ArrayDeque<>();
    /** Whether the daemon waited for its start when the first was made; it tells nothing of its configuration then. */
    private boolean waited;

    /**
     * Makes one.
     *
     * @param schema by which calls are checked before any is made; a daemon of another version may have other methods,
     *     which it checks itself
     */
    public ConfigTransfer(Caller daemon, List<MethodSpec> schema) {
        this.daemon = daemon;
        this.schema = schema.stream().collect(Collectors.toMap(MethodSpec::name, Function.identity()));
    }

    /**
     * A call that has been made.
     *
     * @param before what was set before it and those that were made with it
     */
    private record Made(ConfigEntry entry, JsonNode result, SavedSettings before) {}

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
     * waits for it, then the others. All are checked before the first is made; if one fails all the same, what those before
     * it have made is deleted, and what they have set is set as it was before; in a daemon that waits for its start, to the
     * defaults. The message tells what of a configuration differs all the same, such as the size of a disk.
     *
     * @throws RpcException if the daemon answers a call with an error, or cannot make it any more; the message names the
     *     entry
     * @throws IOException if the connection breaks
     */
    public void load(List<ConfigEntry> entries) throws IOException {
        check(entries);
        List<ConfigEntry> left = new ArrayList<>(entries);
        Set<String> current = methods(true);
        begin(current);
        make(left, current);
        if (waited) {
            daemon.call(START, null);
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
        begin(current);
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
        return new ConfigDifference(schema).lines(ConfigFile.entries(save(daemon)), entries);
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

    private void begin(Set<String> current) {
        made.clear();
        waited = current.contains(START);
    }

    /** Makes those calls that may be made now, and takes them out. */
    private void make(List<ConfigEntry> left, Set<String> current) throws IOException {
        boolean waits = current.contains(START);
        SavedSettings before = new SavedSettings(schema, waits ? List.of() : ConfigFile.entries(save(daemon)));
        List<ConfigEntry> now =
                left.stream().filter(entry -> current.contains(entry.method())).toList();
        for (ConfigEntry entry : now) {
            try {
                made.push(new Made(entry, daemon.call(entry.method(), entry.params()), before));
            } catch (RpcException e) {
                throw undone(entry, e);
            }
        }
        left.removeAll(now);
    }

    /** Takes back what has been made, and names the entry that could not be. */
    private RpcException undone(ConfigEntry entry, RpcException failure) throws IOException {
        List<String> stay = new ArrayList<>();
        for (Made call : made) {
            try {
                Optional<InverseCall> inverse = inverse(call);
                if (inverse.isPresent()) {
                    daemon.call(inverse.get().method(), inverse.get().params());
                }
            } catch (RpcException e) {
                stay.add(call.entry().method() + ": " + e.getMessage());
            }
        }
        if (!waited && !made.isEmpty()) {
            try {
                stay.addAll(made.getLast().before().changed(ConfigFile.entries(save(daemon))));
            } catch (RpcException e) {
                stay.add("what is left cannot be told: " + e.getMessage());
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

    /** What takes a call back; empty if it has neither made nor set anything that a configuration has. */
    private Optional<InverseCall> inverse(Made call) throws IOException {
        ConfigEntry entry = withNameOfDisk(call.entry());
        Optional<InverseCall> inverse = InverseCall.of(entry, call.result());
        return inverse.isPresent() ? inverse : call.before().restoring(entry);
    }

    /** The entry with the name of its disk, which it may have by its UUID, if what takes it back needs the name. */
    private ConfigEntry withNameOfDisk(ConfigEntry entry) throws IOException {
        Optional<String> disk = InverseCall.disk(entry.method());
        if (disk.isEmpty()) {
            return entry;
        }
        ObjectNode params = ConfigDifference.params(entry).deepCopy();
        ObjectNode which = Json.object();
        which.set("name", params.path(disk.get()));
        params.set(disk.get(), daemon.call("bdev_get_bdevs", which).path(0).path("name"));
        return new ConfigEntry(entry.subsystem(), entry.number(), entry.method(), params, entry.place());
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
