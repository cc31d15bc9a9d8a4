package dev.ringside.rpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketLockTest {
    @TempDir
    Path dir;

    private Path path;
    private Path lockPath;

    /** Serves a path until it is killed: the other daemon. */
    static final class OtherDaemon {
        private OtherDaemon() {}

        public static void main(String[] args) throws IOException {
            RpcServer server =
                    RpcServer.listen(SocketLock.acquire(Path.of(args[0])), new MethodRegistry(FrameworkState.RUNTIME));
            System.out.println("serves " + server.path());
            System.in.read();
        }
    }

    @BeforeEach
    void paths() {
        path = dir.resolve("rpc.sock");
        lockPath = dir.resolve("rpc.sock.lock");
    }

    @Test
    void onlyTheOwnerMayConnect() throws IOException {
        try (RpcServer server = serve()) {
            assertThat(server.path()).isEqualTo(path);
            assertThat(mode(path)).isEqualTo("rw-------");
            assertThat(mode(lockPath)).isEqualTo("rw-------");
            try (var files = Files.list(dir)) {
                assertThat(files).containsExactlyInAnyOrder(path, lockPath);
            }
        }
    }

    @Test
    void closingRemovesBothFiles() throws IOException {
        serve().close();
        assertThat(path).doesNotExist();
        assertThat(lockPath).doesNotExist();
        try (RpcServer again = serve()) {
            assertThat(again.path()).exists();
        }
    }

    @Test
    void aSecondServerFailsAndTheFirstGoesOn() throws IOException {
        try (RpcServer server = serve()) {
            assertThatThrownBy(this::serve).isInstanceOf(IOException.class).hasMessage("another daemon serves " + path);
            try (RawClient client = new RawClient(server.path())) {
                assertThat(client.send("{\"method\":\"rpc_get_methods\",\"id\":1}")
                                .line())
                        .isEqualTo(WireTest.result("1", "[\"rpc_get_methods\"]"));
            }
        }
    }

    @Test
    void anotherProcessHoldsThePathUntilItIsKilled() throws Exception {
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherDaemon.class.getName(),
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = other.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("serves " + path);
            assertThatThrownBy(this::serve).hasMessage("another daemon serves " + path);
            assertThat(path).exists();
        } finally {
            other.destroyForcibly().waitFor();
        }
        assertThat(path).exists();
        assertThat(lockPath).exists();
        try (RpcServer server = serve();
                RawClient client = new RawClient(server.path())) {
            assertThat(client.send("[]").line()).contains("-32600");
        }
    }

    @Test
    void aStaleSocketIsReplaced() throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path))
                .close();
        assertThat(path).exists();
        try (RpcServer server = serve();
                RawClient client = new RawClient(server.path())) {
            assertThat(client.send("[]").line()).contains("-32600");
        }
    }

    @Test
    void aServerWithAnotherKindOfLockIsLeftAlone() throws IOException {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(path));
            assertThatThrownBy(this::serve).hasMessage("another daemon serves " + path);
            assertThat(path).exists();
            assertThat(lockPath).doesNotExist();
        }
    }

    @Test
    void whatIsNotASocketIsLeftAlone() throws IOException {
        Files.writeString(path, "precious");
        assertThatThrownBy(this::serve).hasMessage(path + " exists and is not a socket");
        assertThat(path).hasContent("precious");
        assertThat(lockPath).doesNotExist();
    }

    @Test
    void aLockThatIsALinkIsNotFollowed() throws IOException {
        Path precious = Files.writeString(dir.resolve("precious"), "precious");
        Files.createSymbolicLink(lockPath, precious);
        assertThatThrownBy(this::serve).isInstanceOf(IOException.class).hasMessageContaining("cannot lock");
        assertThat(precious).hasContent("precious");
    }

    @Test
    void missingDirectoryAndLongPathAreNamed() {
        Path nowhere = dir.resolve("nowhere").resolve("rpc.sock");
        assertThatThrownBy(() -> SocketLock.acquire(nowhere))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot lock " + nowhere + ".lock: there is no such directory");
        assertThatThrownBy(() -> SocketLock.acquire(dir.resolve("x".repeat(108))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("longer than 107 bytes");
    }

    private RpcServer serve() throws IOException {
        return RpcServer.listen(SocketLock.acquire(path), new MethodRegistry(FrameworkState.RUNTIME));
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
