package dev.ringside.daemon.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/**
 * Stands between a browser and the daemon, and remembers what the browser was told: the page's files come from the
 * listener, what it shows from the control socket.
 */
final class StatusRecorder implements AutoCloseable {
    private final WebRig rig;
    private final HttpServer server;
    private final List<JsonNode> told = new CopyOnWriteArrayList<>();

    StatusRecorder(WebRig rig) throws IOException {
        this.rig = rig;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /** What was told, up to what was told at a time of the daemon's. */
    List<JsonNode> until(long ticks) {
        List<JsonNode> until = new ArrayList<>();
        for (JsonNode one : told) {
            until.add(one);
            if (one.path("ticks").asLong() == ticks) {
                return until;
            }
        }
        throw new AssertionError("nothing was told at " + ticks);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String type = "application/json";
            String body;
            if (path.equals("/status.json")) {
                JsonNode status = rig.daemon.call("framework_get_status");
                told.add(status);
                body = status.toString();
            } else {
                HttpResponse<String> answer = rig.get(path);
                type = answer.headers().firstValue("Content-Type").orElseThrow();
                body = answer.body();
            }
            exchange.getResponseHeaders().set("Content-Type", type);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
