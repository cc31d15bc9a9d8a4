package dev.ringside.daemon.rpc;

import dev.ringside.daemon.takeover.Takeovers;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The first word of a process that takes over another one. */
final class TakeoverMethods {
    private final Takeovers takeovers;

    TakeoverMethods(Takeovers takeovers) {
        this.takeovers = takeovers;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method(
                                "framework_takeover",
                                "Has the daemon hand its disks, sockets and guests to another process, which connects to a"
                                        + " socket for that. Called by 'ringside serve --takeover', not by operators. Not one"
                                        + " of SPDK's.")
                        .required(
                                "format",
                                ParamType.integer(Takeovers.FORMAT, Takeovers.FORMAT),
                                "The format of the hand-over that the other process knows.")
                        .returns("{socket}", "The path of the socket, which is there for 10 s.")
                        .build(),
                this::takeover);
    }

    private JsonNode takeover(Params params) {
        params.integer("format");
        ObjectNode result = Json.object();
        result.put("socket", takeovers.offer().toString());
        return result;
    }
}
