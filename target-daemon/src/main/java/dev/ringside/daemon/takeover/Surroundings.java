package dev.ringside.daemon.takeover;

import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.rpc.codec.Json;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a daemon was started with that its successor has to know.
 *
 * @param cpus one reactor is on each of these cores
 * @param idle what a reactor does when it has no work
 * @param vhostDirectory where the controllers' sockets are
 * @param rpcSocket path of the control socket
 * @param stateDirectory where the configuration is kept, if it is
 */
public record Surroundings(
        CpuSet cpus, IdleMode idle, Path vhostDirectory, Path rpcSocket, Optional<Path> stateDirectory) {

    ObjectNode toJson() {
        ObjectNode node = Json.object();
        node.put("cpumask", cpus.toMask());
        node.put("idle", idle.toString());
        node.put("vhost_directory", vhostDirectory.toAbsolutePath().toString());
        stateDirectory.ifPresent(
                path -> node.put("state_directory", path.toAbsolutePath().toString()));
        return node;
    }

    static Surroundings of(JsonNode node, Path rpcSocket) throws TakeoverException {
        try {
            return new Surroundings(
                    CpuSet.parse(node.required("cpumask").stringValue()),
                    IdleMode.parse(node.required("idle").stringValue()),
                    Path.of(node.required("vhost_directory").stringValue()),
                    rpcSocket,
                    Optional.ofNullable(node.get("state_directory")).map(path -> Path.of(path.stringValue())));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new TakeoverException("what the old process was started with cannot be read: " + e.getMessage(), e);
        }
    }
}
