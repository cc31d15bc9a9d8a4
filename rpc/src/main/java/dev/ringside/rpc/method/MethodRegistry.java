package dev.ringside.rpc.method;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.schema.Execution;
import dev.ringside.rpc.schema.FrameworkState;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * All methods by name, and the state that decides which of them may be called. It brings one method of
 * its own, {@code rpc_get_methods}. Safe for use by any thread.
 */
public final class MethodRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(MethodRegistry.class);

    private final Map<String, Entry> byName = new ConcurrentHashMap<>();
    private volatile FrameworkState state;

    private record Entry(MethodSpec spec, MethodHandler handler) {}

    /** A registry with {@code rpc_get_methods} only. */
    public MethodRegistry(FrameworkState state) {
        this.state = state;
        register(
                MethodSpec.method("rpc_get_methods", "Lists the methods that there are.")
                        .param(ParamSpec.optional(
                                "current",
                                ParamType.bool(),
                                false,
                                "Only those that may be called in the current state."))
                        .param(ParamSpec.optional("include_aliases", ParamType.bool(), false, "Older names, too."))
                        .returns("[name]", "The names, in alphabetical order.")
                        .anyState()
                        .build(),
                this::names);
    }

    /**
     * Adds a method under its name and its aliases.
     *
     * @throws IllegalArgumentException one of the names is taken
     */
    public synchronized void register(MethodSpec spec, MethodHandler handler) {
        Entry entry = new Entry(spec, handler);
        add(spec.name(), entry);
        spec.aliases().forEach(alias -> add(alias, entry));
    }

    /** The state that decides which methods may be called. */
    public FrameworkState state() {
        return state;
    }

    /** Changes the state; calls that have begun go on. */
    public void enter(FrameworkState next) {
        state = next;
    }

    /** All declarations, by name; aliases do not repeat them. */
    public List<MethodSpec> specs() {
        return byName.values().stream()
                .map(Entry::spec)
                .distinct()
                .sorted(Comparator.comparing(MethodSpec::name))
                .toList();
    }

    /** How the method is to be run; a name that does not exist is as good as ordered. */
    public Execution execution(String method) {
        Entry entry = byName.get(method);
        return entry == null ? Execution.ORDERED : entry.spec().execution();
    }

    /**
     * Finds out, without calling it, whether a method would refuse the call for what its declaration says.
     *
     * @param params absent (null), JSON null and an empty object mean the same
     * @throws RpcException no such method (-32601), wrong parameters (-32602)
     */
    public void check(String method, @Nullable JsonNode params) {
        Params _ = Params.decode(entry(method).spec(), params);
    }

    /**
     * Calls a method, on the caller's thread; for requests and for replaying a configuration.
     *
     * @param params absent (null), JSON null and an empty object mean the same
     * @throws RpcException no such method (-32601), wrong state (-1), wrong parameters (-32602), what the method
     *     throws, or -32603 for a fault of the method, which is logged
     */
    public JsonNode call(String method, @Nullable JsonNode params) {
        Entry entry = entry(method);
        checkState(entry.spec());
        Params decoded = Params.decode(entry.spec(), params);
        try {
            JsonNode result = entry.handler().call(decoded);
            LOG.debug("method {} is done", method);
            return result;
        } catch (RpcException e) {
            LOG.debug("method {} is refused: {}", method, e.getMessage());
            throw e;
        } catch (Exception | Error e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            LOG.error("method {} failed", method, e);
            throw RpcException.internal("Internal error in " + method + "; the daemon's log says more");
        }
    }

    private Entry entry(String method) {
        Entry entry = byName.get(method);
        if (entry == null) {
            throw RpcException.methodNotFound(method);
        }
        return entry;
    }

    private void checkState(MethodSpec spec) {
        FrameworkState now = state;
        if (!spec.states().contains(now)) {
            throw RpcException.wrongState(
                    switch (now) {
                        case STARTUP -> spec.name() + " may be called only after framework_start_init";
                        case RUNTIME -> spec.name() + " may be called only before framework_start_init";
                    });
        }
    }

    private void add(String name, Entry entry) {
        if (byName.putIfAbsent(name, entry) != null) {
            throw new IllegalArgumentException("there is a method " + name + " already");
        }
    }

    private JsonNode names(Params params) {
        boolean current = params.bool("current");
        boolean aliases = params.bool("include_aliases");
        FrameworkState now = state;
        Set<String> names = new TreeSet<>();
        byName.forEach((name, entry) -> {
            boolean callable = !current || entry.spec().states().contains(now);
            if (callable && (aliases || name.equals(entry.spec().name()))) {
                names.add(name);
            }
        });
        ArrayNode array = Json.array();
        names.forEach(array::add);
        return array;
    }
}
