package dev.ringside.daemon.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ringside.daemon.insight.Watch;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the metrics ({@code /metrics}), a page ({@code /}), and what the page shows ({@code /status.json}). Nothing can be
 * changed over it. Each request has a thread of its own, so that a client that writes or reads slowly keeps nobody waiting;
 * how long it may, and how many clients there may be, the launcher says (scripts/ringside).
 */
public final class WebServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final int BACKLOG = 16;
    /** The method whose result is what the page shows. */
    private static final String STATUS = "framework_get_status";

    private static final String JSON = "application/json";
    private static final String PLAIN = "text/plain; charset=utf-8";
    /** The page's files, by their paths. */
    private static final Map<String, Asset> ASSETS = Map.of(
            "/", new Asset("page.html", "text/html; charset=utf-8"),
            "/page.css", new Asset("page.css", "text/css; charset=utf-8"),
            "/page.js", new Asset("page.js", "text/javascript; charset=utf-8"),
            "/chart.js", new Asset("chart.js", "text/javascript; charset=utf-8"));

    private final MethodRegistry methods;
    private final Metrics metrics;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("web-", 0).factory());

    private record Asset(String file, String mediaType) {}

    private record Answer(int status, String mediaType, String body) {}

    /** What is served. */
    public record Parts(MethodRegistry methods, Reactors reactors, Disks disks, Controllers controllers, Watch watch) {}

    private WebServer(HttpServer server, Parts parts) {
        this.server = server;
        this.methods = parts.methods();
        this.metrics = new Metrics(parts.reactors(), parts.disks(), parts.controllers(), parts.watch());
    }

    /**
     * Begins to serve.
     *
     * @throws IOException if the address cannot be listened on
     */
    public static WebServer start(Listener listener, Parts parts) throws IOException {
        HttpServer http;
        try {
            http = HttpServer.create(listener.address(), BACKLOG);
        } catch (IOException e) {
            throw new IOException("cannot serve metrics on " + listener + ": " + e.getMessage(), e);
        }
        WebServer server = new WebServer(http, parts);
        http.createContext("/", server::handle);
        http.setExecutor(server.threads);
        http.start();
        LOG.info("metrics and a page are on http://{}/", new Listener(http.getAddress(), true));
        return server;
    }

    /** Where it listens, with the port that it was given. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Serves no more. */
    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (RpcException e) {
                answer = new Answer(503, PLAIN, e.getMessage() + "\n");
            } catch (RuntimeException e) {
                LOG.error("{} failed", exchange.getRequestURI(), e);
                answer = new Answer(500, PLAIN, "the daemon's log says more\n");
            }
            exchange.getResponseHeaders().set("Content-Type", answer.mediaType());
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            // Nothing from elsewhere, and nowhere else.
            exchange.getResponseHeaders().set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'");
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        if (isMisdirected(exchange)) {
            return new Answer(421, PLAIN, "ask for the address, or for localhost\n");
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new Answer(405, PLAIN, "GET and HEAD are allowed\n");
        }
        if (path.equals("/metrics")) {
            return new Answer(200, MetricsText.MEDIA_TYPE, metrics.text());
        }
        if (path.equals("/status.json")) {
            return new Answer(200, JSON, Json.text(methods.call(STATUS, null)));
        }
        Asset asset = ASSETS.get(path);
        return asset == null
                ? new Answer(404, PLAIN, "there is /, /metrics and /status.json\n")
                : new Answer(200, asset.mediaType(), text(asset.file()));
    }

    /** Where nobody else may ask, names of other sites are no names of this machine. */
    private boolean isMisdirected(HttpExchange exchange) {
        return server.getAddress().getAddress().isLoopbackAddress()
                && !HostHeader.isOfThisMachine(exchange.getRequestHeaders().getFirst("Host"), exchange.getProtocol());
    }

    private static String text(String file) throws IOException {
        try (InputStream in = WebServer.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not in the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
