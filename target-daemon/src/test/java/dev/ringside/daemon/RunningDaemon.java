package dev.ringside.daemon;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ringside.daemon.log.LogLevel;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.target.StartException;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.codec.JsonException;
import dev.ringside.rpc.error.RpcException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A daemon in this process, in a directory of its own, with a client. */
public final class RunningDaemon implements AutoCloseable {
    private final Path directory;
    private final Daemon daemon;
    private final RpcClient client;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    private RunningDaemon(boolean waitForRpc, String config) throws IOException, StartException {
        this(waitForRpc, config, options -> options);
    }

    private RunningDaemon(boolean waitForRpc, String config, UnaryOperator<DaemonOptions> more)
            throws IOException, StartException {
        directory = Files.createTempDirectory("rs");
        Optional<Path> file = Optional.empty();
        if (!config.isEmpty()) {
            file = Optional.of(Files.writeString(directory.resolve("config.json"), config));
        }
        Logging logging = new Logging();
        logging.install(LogLevel.INFO, new PrintStream(log, true, StandardCharsets.UTF_8));
        DaemonOptions options = new DaemonOptions(
                CpuSet.parse("[" + core() + "]"),
                IdleMode.INTERRUPT,
                directory,
                directory.resolve("rpc.sock"),
                file,
                waitForRpc);
        daemon = new Daemon(more.apply(options), logging);
        try {
            daemon.start();
        } catch (StartException e) {
            daemon.close();
            throw e;
        }
        client = RpcClient.connect(directory.resolve("rpc.sock"));
    }

    /** One that is ready. */
    public static RunningDaemon start() throws IOException, StartException {
        return new RunningDaemon(false, "");
    }

    /** One that replays a configuration. */
    public static RunningDaemon start(String config) throws IOException, StartException {
        return new RunningDaemon(false, config);
    }

    /** One with further options. */
    public static RunningDaemon with(UnaryOperator<DaemonOptions> options) throws IOException, StartException {
        return new RunningDaemon(false, "", options);
    }

    /** One that waits for framework_start_init; the configuration may be empty for none. */
    public static RunningDaemon waiting(String config) throws IOException, StartException {
        return new RunningDaemon(true, config);
    }

    /** A core that reactors may be on. */
    public static int core() throws IOException {
        return CpuSet.online().cores()[0];
    }

    /** Options, but with a reactor on each of two cores, if this machine has two. */
    public static DaemonOptions onTwoCores(DaemonOptions options) {
        int[] cores;
        try {
            cores = CpuSet.online().cores();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String two = cores.length == 1 ? "[" + cores[0] + "]" : "[" + cores[0] + "," + cores[1] + "]";
        return new DaemonOptions(
                CpuSet.parse(two),
                options.idle(),
                options.vhostDirectory(),
                options.rpcSocket(),
                options.config(),
                options.waitForRpc());
    }

    /** A core that this machine does not have. */
    public static int absentCore() throws IOException {
        int[] cores = CpuSet.online().cores();
        return cores[cores.length - 1] + 1;
    }

    /** Where its sockets are. */
    public Path directory() {
        return directory;
    }

    /** The daemon itself. */
    public Daemon daemon() {
        return daemon;
    }

    /** A further client. */
    public RpcClient connect() throws IOException {
        return RpcClient.connect(directory.resolve("rpc.sock"));
    }

    /** The connection of this fixture. */
    public RpcClient client() {
        return client;
    }

    /** Calls a method; parameters with single quotes for double ones. */
    public JsonNode call(String method, String params) throws IOException {
        return client.call(method, json(params));
    }

    /** Calls a method without parameters. */
    public JsonNode call(String method) throws IOException {
        return client.call(method);
    }

    /** Calls a method that refuses. */
    public RpcException refusal(String method, String params) {
        RpcException refusal = catchThrowableOfType(RpcException.class, () -> call(method, params));
        if (refusal == null) {
            throw new AssertionError(method + " " + params + " was not refused");
        }
        return refusal;
    }

    /** What it has logged so far. */
    public String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    /** JSON with single quotes for double ones. */
    public static JsonNode json(String text) {
        try {
            return Json.parse(text.replace('\'', '"'));
        } catch (JsonException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
        daemon.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
