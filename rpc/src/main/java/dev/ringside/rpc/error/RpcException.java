package dev.ringside.rpc.error;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON-RPC error: what a method throws to refuse, and what the client throws when the server refused.
 * The factories are the rows of the table of errors in the documentation of the control socket.
 */
public final class RpcException extends RuntimeException {
    public static final int PARSE_ERROR = -32700;
    public static final int INVALID_REQUEST = -32600;
    public static final int METHOD_NOT_FOUND = -32601;
    public static final int INVALID_PARAMS = -32602;
    public static final int INTERNAL_ERROR = -32603;
    public static final int INVALID_STATE = -1;

    private static final long serialVersionUID = 1L;

    private final int code;
    private final String text;
    private final transient @Nullable JsonNode data;

    /** An error without data. */
    public RpcException(int code, String message) {
        this(code, message, null);
    }

    /** An error; {@code data} is whatever helps the client to understand it. */
    public RpcException(int code, String message, @Nullable JsonNode data) {
        super(message);
        this.code = code;
        this.text = message;
        this.data = data;
    }

    /** -32700: what came is not JSON, or is more than a request may be. */
    public static RpcException parseError(String message) {
        return new RpcException(PARSE_ERROR, message);
    }

    /** -32600: JSON, but no request. */
    public static RpcException invalidRequest(String message) {
        return new RpcException(INVALID_REQUEST, message);
    }

    /** -32601: no method of that name. */
    public static RpcException methodNotFound(String method) {
        return new RpcException(METHOD_NOT_FOUND, "Method not found: " + Quoted.text(method));
    }

    /** -32602: the message names the parameter and what is allowed. */
    public static RpcException invalidParams(String message) {
        return new RpcException(INVALID_PARAMS, message);
    }

    /** -32603: our own fault. */
    public static RpcException internal(String message) {
        return new RpcException(INTERNAL_ERROR, message);
    }

    /** -1: the method exists, but not in the state the daemon is in. */
    public static RpcException wrongState(String message) {
        return new RpcException(INVALID_STATE, message);
    }

    /**
     * The negative error number, with its strerror text.
     *
     * @param errno the positive number, 19 for ENODEV
     */
    public static RpcException errno(int errno) {
        return new RpcException(-errno, Errno.text(errno));
    }

    /**
     * The negative error number, with its strerror text and what it is about: "No such device: Malloc7".
     *
     * @param errno the positive number, 19 for ENODEV
     */
    public static RpcException errno(int errno, String detail) {
        return new RpcException(-errno, Errno.text(errno) + ": " + detail);
    }

    /**
     * -32602 with the strerror text, the way the vhost_* methods fail.
     *
     * @param errno the positive number, 17 for EEXIST
     */
    public static RpcException vhost(int errno) {
        return new RpcException(INVALID_PARAMS, Errno.text(errno));
    }

    /** What went wrong, for a person. */
    @Override
    public String getMessage() {
        return text;
    }

    /** The number that programs decide by. */
    public int code() {
        return code;
    }

    /** More about it; null where there is nothing. */
    public @Nullable JsonNode data() {
        return data;
    }

    /** The error member of an answer: code, message and, where there is some, data. */
    public ObjectNode toJson() {
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("code", code);
        error.put("message", text);
        if (data != null) {
            error.set("data", data);
        }
        return error;
    }
}
