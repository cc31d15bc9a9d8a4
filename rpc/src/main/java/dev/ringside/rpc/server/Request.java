package dev.ringside.rpc.server;

import dev.ringside.rpc.codec.DecodedValue;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Quoted;
import dev.ringside.rpc.error.RpcException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One request out of the stream or out of a batch (JSON-RPC 2.0, 4). */
sealed interface Request {
    Set<String> MEMBERS = Set.of("jsonrpc", "method", "params", "id");

    /** The member id of the answer; null where the request has none. */
    JsonNode id();

    /**
     * Well formed.
     *
     * @param refusal what is wrong with its parameters without looking at the method; null if nothing
     */
    record Call(
            JsonNode id,
            String method,
            @Nullable JsonNode params,
            @Nullable RpcException refusal) implements Request {
        /** A success is not answered. */
        boolean isNotification() {
            return id.isNull();
        }
    }

    /** JSON, but no request. */
    record Invalid(JsonNode id, RpcException error) implements Request {}

    /** Reads the value, which is {@code whole} itself or an element of it. */
    static Request of(JsonNode value, DecodedValue whole) {
        JsonNode none = JsonNodeFactory.instance.nullNode();
        if (!(value instanceof ObjectNode object)) {
            return new Invalid(none, RpcException.invalidRequest("a request must be an object"));
        }
        JsonNode given = object.get("id");
        JsonNode id = given != null && (given.isString() || given.isNumber()) ? given : none;
        Optional<String> fault = fault(object, whole);
        if (fault.isPresent()) {
            return new Invalid(id, RpcException.invalidRequest(fault.get()));
        }
        JsonNode params = object.get("params");
        RpcException refusal = params == null
                ? null
                : whole.duplicateBelow(params)
                        .map(name -> RpcException.invalidParams(
                                "parameter " + Quoted.text(name) + " is given more than once"))
                        .orElse(null);
        return new Call(id, object.get("method").stringValue(), params, refusal);
    }

    private static Optional<String> fault(ObjectNode object, DecodedValue whole) {
        Optional<String> repeated = whole.duplicateIn(object);
        if (repeated.isPresent()) {
            return Optional.of("the request has " + Quoted.text(repeated.get()) + " more than once");
        }
        for (String name : object.propertyNames()) {
            if (!MEMBERS.contains(name)) {
                return Optional.of("a request has no member " + Quoted.text(name));
            }
        }
        JsonNode version = object.get("jsonrpc");
        if (version != null && !(version.isString() && version.stringValue().equals("2.0"))) {
            return Optional.of("jsonrpc must be \"2.0\", not " + Quoted.cut(Json.text(version)));
        }
        JsonNode id = object.get("id");
        if (id != null && !(id.isString() || id.isNumber() || id.isNull())) {
            return Optional.of("id must be a string, a number or null");
        }
        JsonNode method = object.get("method");
        if (method == null || !method.isString()) {
            return Optional.of("method must be a string");
        }
        JsonNode params = object.get("params");
        if (params != null && !(params.isContainer() || params.isNull())) {
            return Optional.of("params must be an object");
        }
        return Optional.empty();
    }
}
