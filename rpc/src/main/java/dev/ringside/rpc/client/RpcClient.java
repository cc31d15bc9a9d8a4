package dev.ringside.rpc.client;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Calls methods, one after the other, and waits for each answer. One thread. */
public final class RpcClient implements AutoCloseable {
    /** How long {@link #connect(Path)} lets the daemon take for an answer. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    private final RpcConnection connection;
    private long lastId;

    private RpcClient(RpcConnection connection) {
        this.connection = connection;
    }

    /**
     * Connects, with {@link #DEFAULT_TIMEOUT}.
     *
     * @throws java.net.ConnectException nobody listens there; the message says so
     */
    public static RpcClient connect(Path path) throws IOException {
        return connect(path, DEFAULT_TIMEOUT);
    }

    /**
     * Connects.
     *
     * @param timeout how long to wait for each answer; positive
     * @throws java.net.ConnectException nobody listens there; the message says so
     */
    public static RpcClient connect(Path path, Duration timeout) throws IOException {
        return new RpcClient(RpcConnection.connect(path, timeout));
    }

    /** Calls a method without parameters. */
    public JsonNode call(String method) throws IOException {
        return call(method, null);
    }

    /**
     * Calls a method.
     *
     * @param params an object, or null for none
     * @return the result
     * @throws RpcException the daemon answered with an error
     * @throws IOException the connection broke, or there was no answer in time
     */
    public JsonNode call(String method, @Nullable JsonNode params) throws IOException {
        long id = ++lastId;
        ObjectNode request = Json.object();
        request.put("jsonrpc", "2.0");
        request.put("id", id);
        request.put("method", method);
        if (params != null) {
            request.set("params", params);
        }
        IOException broken = null;
        try {
            connection.send(Json.line(request));
        } catch (IOException e) {
            // It may have told us why before it closed: read on.
            broken = e;
        }
        try {
            return answer(id);
        } catch (IOException e) {
            if (broken != null) {
                broken.addSuppressed(e);
                throw broken;
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private JsonNode answer(long id) throws IOException {
        while (true) {
            JsonNode answer = connection
                    .receive()
                    .orElseThrow(() -> new EOFException("the daemon closed the connection without an answer"));
            JsonNode answered = answer.path("id");
            JsonNode error = answer.get("error");
            boolean ours =
                    answered.isIntegralNumber() && answered.bigIntegerValue().longValue() == id;
            if (error != null && (ours || answered.isNull())) {
                throw new RpcException(
                        error.path("code").asInt(0), error.path("message").asString(""), error.get("data"));
            }
            if (ours) {
                JsonNode result = answer.get("result");
                if (result == null) {
                    throw new IOException("the daemon's answer has neither result nor error");
                }
                return result;
            }
        }
    }
}
