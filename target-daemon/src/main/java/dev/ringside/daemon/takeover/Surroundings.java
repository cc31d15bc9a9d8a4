package dev.ringside.daemon.takeover;

import dev.ringside.daemon.target.Access;
import dev.ringside.daemon.web.Listener;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.rpc.codec.Json;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a daemon was started with that its successor has to know.
 *
 * @param cpus one reactor is on each of these cores
 * @param idle what a reactor does when it has no work
 * @param vhostDirectory where the controllers' sockets are
 * @param rpcSocket path of the control socket
 * @param allowFaults whether clients may give disks and virtqueues faults
 * @param allowNoIommu whether drives may be behind no IOMMU
 * @param extras what it need not have
 */
public record Surroundings(
        CpuSet cpus,
        IdleMode idle,
        Path vhostDirectory,
        Path rpcSocket,
        boolean allowFaults,
        boolean allowNoIommu,
        Extras extras) {
    /**
     * What a daemon need not have.
     *
     * @param state the directory in which the configuration is kept and from which it is restored at the start
     * @param access who may reach what
     * @param metrics where metrics and a page are served, if they are
     */
    public record Extras(Optional<Path> state, Access access, Optional<Listener> metrics) {
        /** Nothing of that. */
        public static final Extras NONE = new Extras(Optional.empty(), Access.DEFAULT, Optional.empty());
    }

    ObjectNode toJson() {
        ObjectNode node = Json.object();
        node.put("cpumask", cpus.toMask());
        node.put("idle", idle.toString());
        node.put("vhost_directory", vhostDirectory.toAbsolutePath().toString());
        node.put("allow_faults", allowFaults);
        node.put("allow_unsafe_noiommu", allowNoIommu);
        extras.state.ifPresent(
                path -> node.put("state_directory", path.toAbsolutePath().toString()));
        Access access = extras.access;
        ObjectNode who = node.putObject("access");
        access.rpcUsers().forEach(who.putArray("rpc_users")::add);
        access.socketOwner().ifPresent(name -> who.put("socket_owner", name));
        access.socketGroup().ifPresent(name -> who.put("socket_group", name));
        who.put("socket_mode", access.socketMode());
        ArrayNode paths = who.putArray("paths");
        access.paths().forEach(path -> paths.add(path.toAbsolutePath().toString()));
        // That it may be reached from elsewhere was decided when this daemon was started.
        extras.metrics.ifPresent(listener -> node.put("metrics", listener.toString()));
        return node;
    }

    static Surroundings of(JsonNode node, Path rpcSocket) throws TakeoverException {
        try {
            return new Surroundings(
                    CpuSet.parse(node.required("cpumask").stringValue()),
                    IdleMode.parse(node.required("idle").stringValue()),
                    Path.of(node.required("vhost_directory").stringValue()),
                    rpcSocket,
                    // A version that told neither had them for itself only.
                    node.path("allow_faults").asBoolean(false),
                    node.path("allow_unsafe_noiommu").asBoolean(false),
                    new Extras(
                            Optional.ofNullable(node.get("state_directory")).map(path -> Path.of(path.stringValue())),
                            accessOf(node.get("access")),
                            Optional.ofNullable(node.get("metrics"))
                                    .map(text -> Listener.parse(text.stringValue(), true))));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new TakeoverException("what the old process was started with cannot be read: " + e.getMessage(), e);
        }
    }

    /** A version that knew of no such thing had the default. */
    private static Access accessOf(@Nullable JsonNode node) {
        if (node == null) {
            return Access.DEFAULT;
        }
        return new Access(
                node.path("rpc_users").values().stream()
                        .map(JsonNode::stringValue)
                        .toList(),
                Optional.ofNullable(node.get("socket_owner")).map(JsonNode::stringValue),
                Optional.ofNullable(node.get("socket_group")).map(JsonNode::stringValue),
                node.required("socket_mode").intValue(),
                node.path("paths").values().stream()
                        .map(path -> Path.of(path.stringValue()))
                        .toList());
    }
}
