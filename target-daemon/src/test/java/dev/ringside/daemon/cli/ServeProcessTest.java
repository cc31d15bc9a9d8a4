package dev.ringside.daemon.cli;

import static dev.ringside.daemon.cli.DaemonProcesses.ready;
import static dev.ringside.daemon.cli.DaemonProcesses.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The daemon as a process of its own: its one line, its exit status, and what it leaves behind. */
class ServeProcessTest {
    private DaemonProcesses daemons;
    private Path dir;

    @BeforeEach
    void makeDirectory() throws IOException {
        daemons = new DaemonProcesses();
        dir = daemons.dir();
    }

    @AfterEach
    void killAndClear() throws Exception {
        daemons.killAndClear();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void itIsReadyAndStopsCleanly(String signal) throws Exception {
        Process daemon = serve("-r", rpc());
        assertThat(ready(daemon))
                .matches("ringside: ready version=\\S+ reactors=1 cores=0x[0-9a-f]+ idle=adaptive rpc=" + rpc()
                        + " vhost=" + dir);
        try (RpcClient client = RpcClient.connect(Path.of(rpc()))) {
            client.call("bdev_malloc_create", RunningDaemon.json("{'num_blocks': 8, 'block_size': 512}"));
            client.call("vhost_create_blk_controller", RunningDaemon.json("{'ctrlr': 'c', 'dev_name': 'Malloc0'}"));
            assertThat(dir.resolve("c")).exists();

            signal(daemon, signal);

            assertThat(status(daemon)).isZero();
        }
        assertThat(daemon.inputReader().lines()).isEmpty();
        assertThat(left()).containsExactly("stderr");
    }

    @Test
    void aKillOverRpcIsAnsweredAndStopsIt() throws Exception {
        Process daemon = serve("-r", rpc(), "--wait-for-rpc");
        assertThat(ready(daemon)).endsWith(" state=startup");
        try (RpcClient client = RpcClient.connect(Path.of(rpc()))) {
            assertThat(client.call("spdk_kill_instance", RunningDaemon.json("{'sig_name': 'SIGINT'}"))
                            .booleanValue())
                    .isTrue();
        }
        assertThat(status(daemon)).isZero();
        assertThat(left()).containsExactly("stderr");
    }

    @Test
    void aSecondDaemonOnTheSocketFails() throws Exception {
        Process first = serve("-r", rpc());
        ready(first);
        Process second = serve("-r", rpc());

        assertThat(status(second)).isEqualTo(ExitCode.FAILED);
        assertThat(complaint()).isEqualTo("ringside: cannot start: another daemon serves " + rpc());
        try (RpcClient client = RpcClient.connect(Path.of(rpc()))) {
            assertThat(client.call("spdk_get_version").isObject()).isTrue();
        }
    }

    @Test
    void aStaleSocketIsReplaced() throws Exception {
        Process first = serve("-r", rpc());
        ready(first);
        first.destroyForcibly().waitFor();
        assertThat(Path.of(rpc())).exists();

        ready(serve("-r", rpc()));
    }

    @Test
    void aCoreThatIsNotThereFails() throws Exception {
        int core = RunningDaemon.absentCore();
        assertThat(status(serve("-r", rpc(), "-m", "[" + core + "]"))).isEqualTo(ExitCode.FAILED);
        assertThat(complaint()).startsWith("ringside: cannot start: there is no core " + core + " for a reactor");
        assertThat(left()).containsExactly("stderr");
    }

    @Test
    void aDirectoryThatIsNotThereFails() throws Exception {
        assertThat(status(serve("-r", rpc(), "-S", "/nonexistent"))).isEqualTo(ExitCode.FAILED);
        assertThat(complaint()).contains("the directory for vhost sockets, /nonexistent, does not exist");
        assertThat(status(serve("-r", "/nonexistent/rpc.sock"))).isEqualTo(ExitCode.FAILED);
        assertThat(complaint()).contains("cannot lock /nonexistent/rpc.sock.lock: there is no such directory");
    }

    @Test
    void aConfigurationThatIsNoneFailsWithItsPlace() throws Exception {
        Path config = Files.writeString(dir.resolve("bad.json"), "{\n \"subsystems\": [,]\n}");
        assertThat(status(serve("-r", rpc(), "-c", config.toString()))).isEqualTo(ExitCode.FAILED);
        assertThat(complaint()).startsWith("ringside: cannot start: " + config + ":2:17: not JSON: ");

        assertThat(status(serve("-r", rpc(), "-c", "/nonexistent.json"))).isEqualTo(ExitCode.FAILED);
        assertThat(complaint()).isEqualTo("ringside: cannot start: /nonexistent.json: there is no such file");
    }

    @Test
    void anEntryThatFailsIsNamed() throws Exception {
        Path config = Files.writeString(dir.resolve("bad.json"), """
                {"subsystems": [{"subsystem": "bdev", "config": [
                  {"method": "bdev_null_create", "params": {"name": "n", "num_blocks": 8, "block_size": 512}},
                  {"method": "bdev_null_create", "params": {"name": "n", "num_blocks": 8, "block_size": 512}}
                ]}]}
                """);
        assertThat(status(serve("-r", rpc(), "-c", config.toString()))).isEqualTo(ExitCode.FAILED);
        assertThat(complaint())
                .isEqualTo(
                        "ringside: cannot start: " + config
                                + ":3:3: call 2, bdev_null_create of subsystem bdev failed: File exists: bdev n already exists");
        assertThat(left()).containsExactly("bad.json", "stderr");
    }

    @Test
    void filesAreOnlyBelowTheDirectoriesThatAreAllowed() throws Exception {
        List<Path> folders = new ArrayList<>();
        for (String name : List.of("one", "two", "other")) {
            Path folder = Files.createDirectory(dir.resolve(name));
            Files.write(folder.resolve("disk"), new byte[1 << 20]);
            folders.add(folder);
        }
        ready(serve("-r", rpc(), "--allow-path", folders.get(0).toString(), "--allow-path=" + folders.get(1)));
        try (RpcClient client = RpcClient.connect(Path.of(rpc()))) {
            client.call("bdev_aio_create", file(folders.get(0)));
            client.call("bdev_aio_create", file(folders.get(1)));
            assertThatThrownBy(() -> client.call("bdev_aio_create", file(folders.get(2))))
                    .asInstanceOf(type(RpcException.class))
                    .extracting(RpcException::code)
                    .isEqualTo(-13);
            assertThat(client.call("bdev_get_bdevs")).hasSize(2);
        }
    }

    private static JsonNode file(Path folder) {
        return RunningDaemon.json(
                "{'name': '" + folder.getFileName() + "', 'filename': '" + folder.resolve("disk") + "'}");
    }

    private String rpc() {
        return daemons.rpc();
    }

    private Process serve(String... args) throws IOException {
        List<String> given = List.of(args);
        List<String> all = new ArrayList<>();
        if (!given.contains("-m")) {
            all.addAll(List.of("-m", "[" + RunningDaemon.core() + "]"));
        }
        if (!given.contains("-S")) {
            all.addAll(List.of("-S", dir.toString()));
        }
        all.addAll(given);
        return daemons.serve(dir.resolve("stderr").toFile(), all);
    }

    private static void signal(Process daemon, String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(daemon.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    /** The one line on stderr that is no event of the log. */
    private String complaint() throws IOException {
        List<String> lines = Files.readAllLines(dir.resolve("stderr")).stream()
                .filter(line -> !line.matches("\\d{4}-.*"))
                .toList();
        assertThat(lines).hasSize(1);
        return lines.getFirst();
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
