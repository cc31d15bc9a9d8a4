package dev.ringside.rpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.server.RpcServer;
import dev.ringside.rpc.server.SocketLock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RpcClientTest {
    @TempDir
    Path dir;

    private Path path;

    @BeforeEach
    void path() {
        path = dir.resolve("rpc.sock");
    }

    @Test
    void callsAndErrors() throws IOException {
        try (RpcServer server = serve();
                RpcClient client = RpcClient.connect(server.path())) {
            assertThat(client.call("echo", Json.object().put("value", "h\u00e9")))
                    .isEqualTo(Json.string("h\u00e9"));
            assertThat(client.call("rpc_get_methods")).hasSize(2);
            RpcException e = catchThrowableOfType(RpcException.class, () -> client.call("nothing"));
            assertThat(e.code()).isEqualTo(-32601);
            assertThat(e).hasMessage("Method not found: 'nothing'");
            String large = "x".repeat(200_000);
            assertThat(client.call("echo", Json.object().put("value", large))).isEqualTo(Json.string(large));
        }
    }

    @Test
    void aRequestPastALimitTellsWhy() throws IOException {
        try (RpcServer server = serve();
                RpcClient client = RpcClient.connect(server.path())) {
            assertThatThrownBy(() -> client.call("echo", Json.object().put("value", "x".repeat(3_000_000))))
                    .isInstanceOf(RpcException.class)
                    .hasMessageContaining("262144 bytes");
            assertThatThrownBy(() -> client.call("echo")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void nobodyListens() throws IOException {
        assertThatThrownBy(() -> RpcClient.connect(path))
                .isInstanceOf(ConnectException.class)
                .hasMessage("there is no socket at " + path + ": is the daemon running?");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path))
                .close();
        assertThatThrownBy(() -> RpcClient.connect(path))
                .isInstanceOf(ConnectException.class)
                .hasMessage("nobody listens on " + path + ": is the daemon running?");
    }

    @Test
    void noAnswerInTime() throws IOException {
        try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            mute.bind(UnixDomainSocketAddress.of(path));
            try (RpcClient client = RpcClient.connect(path, Duration.ofMillis(50))) {
                assertThatThrownBy(() -> client.call("echo"))
                        .isInstanceOf(SocketTimeoutException.class)
                        .hasMessage("no answer within 50 ms");
            }
        }
    }

    @Test
    void rawMode() throws IOException {
        try (RpcServer server = serve();
                RpcConnection raw = RpcConnection.connect(server.path(), Duration.ofSeconds(20))) {
            raw.send("[]{\"method\":");
            raw.send("\"echo\",\"id\":1}");
            raw.finishSending();
            assertThat(raw.receive().orElseThrow().path("error").path("code").asInt())
                    .isEqualTo(-32600);
            assertThat(raw.receive().orElseThrow().path("id").asInt()).isEqualTo(1);
            assertThat(raw.receive()).isEqualTo(Optional.empty());
            assertThat(raw.receive()).isEqualTo(Optional.empty());
        }
    }

    private RpcServer serve() throws IOException {
        MethodRegistry methods = new MethodRegistry(FrameworkState.RUNTIME);
        methods.register(
                MethodSpec.method("echo", "Returns what it gets.")
                        .optional("value", ParamType.any(), "Anything.")
                        .build(),
                p -> p.optionalJson("value").orElse(Json.done()));
        return RpcServer.listen(SocketLock.acquire(path), methods);
    }
}
