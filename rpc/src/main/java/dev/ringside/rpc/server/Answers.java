package dev.ringside.rpc.server;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes answers (JSON-RPC 2.0, 5): one line of ASCII each. */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private static final byte[] NONE = {};

    private Answers() {}

    /** Runs the request; empty if it is not to be answered. */
    static byte[] run(Request request, MethodRegistry methods) {
        return switch (request) {
            case Request.Invalid(var id, var error) -> error(id, error);
            case Request.Call call -> call(call, methods);
        };
    }

    /** An error as an answer. */
    static byte[] error(JsonNode id, RpcException error) {
        ObjectNode answer = begin(id);
        answer.set("error", error.toJson());
        return Json.line(answer);
    }

    private static byte[] call(Request.Call call, MethodRegistry methods) {
        JsonNode result;
        try {
            if (call.refusal() != null) {
                throw call.refusal();
            }
            result = methods.call(call.method(), call.params());
        } catch (RpcException e) {
            return error(call.id(), e);
        }
        if (call.isNotification()) {
            return NONE;
        }
        ObjectNode answer = begin(call.id());
        answer.set("result", result);
        try {
            return Json.line(answer);
        } catch (JacksonException e) {
            LOG.error("the result of {} cannot be written", call.method(), e);
            return error(call.id(), RpcException.internal("Internal error in " + call.method()));
        }
    }

    private static ObjectNode begin(JsonNode id) {
        ObjectNode answer = Json.object();
        answer.put("jsonrpc", "2.0");
        answer.set("id", id);
        return answer;
    }
}
