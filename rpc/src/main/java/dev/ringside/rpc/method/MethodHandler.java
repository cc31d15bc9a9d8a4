package dev.ringside.rpc.method;

import dev.ringside.rpc.schema.Params;
import tools.jackson.databind.JsonNode;

/** What a method does. */
@FunctionalInterface
public interface MethodHandler {
    /**
     * Runs the method to its end; it may block. Called on a virtual thread, by several at once if several
     * connections ask.
     *
     * @param params checked against the declaration
     * @return the member result of the answer
     * @throws dev.ringside.rpc.error.RpcException to answer with that error
     * @throws Exception anything else is answered as our own fault, -32603, and logged
     */
    JsonNode call(Params params) throws Exception;
}
