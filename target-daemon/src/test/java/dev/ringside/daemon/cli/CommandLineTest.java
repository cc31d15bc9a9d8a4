package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.codec.Json;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private final Terminal terminal = new Terminal();
    private final StringWriter out = terminal.out;
    private final StringWriter err = terminal.err;

    @TempDir
    private Path dir;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve",
                "blk",
                "rpc",
                "top",
                "save-config",
                "load-config",
                "completion",
                "rpc-reference",
                "version"
            })
    void everyCommandExplainsItself(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString()).contains("Usage: ringside " + command).contains("--help");
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("\n  " + command + " ");
    }

    @Test
    void serveExplainsEachOption() {
        run("serve", "--help");
        assertThat(out.toString())
                .contains("-m, --cpumask=CORES", "-S, --vhost-dir=DIR", "-r, --rpc-socket=SOCKET", "-c, --config=FILE")
                .contains("--wait-for-rpc", "--idle=MODE", "--log-level=LEVEL", "adaptive", "Default: 0x1.");
    }

    @Test
    void aCommandLineThatMakesNoSenseIsAnErrorInUse() {
        assertThat(run()).isEqualTo(ExitCode.USAGE);
        assertThat(run("fly")).isEqualTo(ExitCode.USAGE);
        assertThat(run("serve", "--idle", "lazy")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("idle mode 'lazy' is not one of poll, adaptive, interrupt");
        assertThat(run("serve", "--log-level", "loud")).isEqualTo(ExitCode.USAGE);
        assertThat(run("serve", "--unknown")).isEqualTo(ExitCode.USAGE);
        assertThat(run("serve", "--metrics", "0.0.0.0:9464")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--metrics-anywhere");
        assertThat(run("serve", "--metrics-anywhere")).isEqualTo(ExitCode.USAGE);
        assertThat(run("top", "--delay", "0")).isEqualTo(ExitCode.USAGE);
        assertThat(run("rpc")).isEqualTo(ExitCode.USAGE);
        assertThat(run("rpc", "--timeout", "0", "spdk_get_version")).isEqualTo(ExitCode.USAGE);
        assertThat(run("rpc", "bdev_get_bdevs", "--color", "red")).isEqualTo(ExitCode.USAGE);
        assertThat(run("rpc", "bdev_null_create", "n", "8")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("'block_size' is missing");
        assertThat(run("rpc", "vhost_delete_controller")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("'ctrlr' is missing").contains("vhost_delete_controller --help");
        assertThat(run("load-config")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void aBadMaskIsOneLine() {
        assertThat(run("serve", "-m", "0xg", "-r", dir.resolve("r").toString())).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString()).startsWith("ringside: cannot start: \"0xg\" is not a set of cores");
    }

    @Test
    void theVersionIsPrinted() {
        assertThat(run("version")).isZero();
        assertThat(out.toString()).matches("ringside \\d+\\.\\d+\\.\\d+.*\n");
    }

    @Test
    void aMethodExplainsItself() {
        assertThat(run("rpc", "bdev_malloc_create", "--help")).isZero();
        assertThat(out.toString())
                .contains("Usage: ringside rpc bdev_malloc_create [OPTIONS] total_size block_size")
                .contains("-b, --name=NAME")
                .contains("Capacity in MiB.");
    }

    @Test
    void withoutADaemonThereIsNoAnswer() {
        String socket = dir.resolve("nobody.sock").toString();
        assertThat(run("rpc", "-r", socket, "spdk_get_version")).isEqualTo(ExitCode.NOT_CONNECTED);
        assertThat(err.toString()).startsWith("ringside: there is no socket at " + socket);
        assertThat(run("save-config", "-r", socket)).isEqualTo(ExitCode.NOT_CONNECTED);
    }

    /** As numbers, which scripts rely on: docs/operating.md has them. */
    @Test
    void theExitStatusTellsWhatWentWrong() throws Exception {
        assertThat(run("version")).isZero();
        assertThat(run("fly")).isEqualTo(2);
        assertThat(run("load-config", dir.resolve("absent").toString())).isEqualTo(2);
        assertThat(run("rpc", "-r", dir.resolve("r").toString(), "spdk_get_version"))
                .isEqualTo(3);
        Path file = Files.writeString(dir.resolve("wanted.json"), """
                {"subsystems": [{"subsystem": "bdev", "config": [
                  {"method": "bdev_null_create", "params": {"name": "n", "num_blocks": 8, "block_size": 512}}]}]}
                """);
        try (RunningDaemon daemon = RunningDaemon.start()) {
            String socket = daemon.directory().resolve("rpc.sock").toString();
            assertThat(run("load-config", "-r", socket, "--dry-run", file.toString()))
                    .isEqualTo(4);
            assertThat(run("load-config", "-r", socket, file.toString())).isZero();
            assertThat(run("load-config", "-r", socket, "--dry-run", file.toString()))
                    .isZero();
            assertThat(run("load-config", "-r", socket, file.toString())).isEqualTo(1);
        }
    }

    @Test
    void methodsAreCalledWithOptionsOrJson() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            String socket = daemon.directory().resolve("rpc.sock").toString();
            assertThat(run(
                            "rpc",
                            "-r",
                            socket,
                            "bdev_null_create",
                            "--name",
                            "n",
                            "--num-blocks",
                            "8",
                            "block_size=512"))
                    .isZero();
            assertThat(out.toString()).isEqualTo("n\n");
            assertThat(run("rpc", "-r", socket, "bdev_null_delete", "{\"name\": \"n\"}"))
                    .isZero();
            assertThat(run("rpc", "-r", socket, "bdev_null_delete", "--name", "n"))
                    .isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).startsWith("ringside: error -19: No such device");
            assertThat(run("rpc", "-v", "-r", socket, "bdev_null_create", "n", "1", "512"))
                    .isZero();
            assertThat(out.toString()).isEqualTo("n\n");
            assertThat(err.toString().lines())
                    .containsExactly(
                            "ringside: asked: bdev_null_create {\"name\":\"n\",\"block_size\":512,\"num_blocks\":2048}",
                            "ringside: answer: \"n\"");
            assertThat(run("rpc", "-r", socket, "no_such_method", "--x", "1")).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains("error -32601: Method not found");
        }
    }

    @Test
    void methodsAreSpelledAsSpdkSpellsThem() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            String socket = daemon.directory().resolve("rpc.sock").toString();
            assertThat(run("rpc", "-s", socket, "bdev_malloc_create", "-b", "ram", "1", "512"))
                    .isZero();
            assertThat(out.toString()).isEqualTo("ram\n");
            assertThat(run("rpc", "-s", socket, "bdev_malloc_create", "0.5", "4096"))
                    .isZero();
            assertThat(run("rpc", "-s", socket, "vhost_create_blk_controller", "c", "ram", "-r"))
                    .isZero();
            assertThat(out.toString()).isEmpty();
            assertThat(run("rpc", "-s", socket, "bdev_get_bdevs")).isZero();
            assertThat(out.toString().lines())
                    .hasSize(3)
                    .first()
                    .asString()
                    .startsWith("NAME     ALIASES")
                    .contains("  PRODUCT_NAME  BLOCK_SIZE  NUM_BLOCKS  UUID");
            assertThat(out.toString().lines().skip(1).toList().get(0))
                    .startsWith("ram      ")
                    .contains("  Malloc disk          512        2048  ");
            assertThat(run("rpc", "-s", socket, "--json", "bdev_get_bdevs", "-b", "Malloc0"))
                    .isZero();
            assertThat(Json.parse(out.toString()).at("/0/num_blocks").asInt()).isEqualTo(128);
            assertThat(run("rpc", "-s", socket, "vhost_get_controllers", "--json"))
                    .isZero();
            assertThat(Json.parse(out.toString())
                            .at("/0/backend_specific/block/readonly")
                            .booleanValue())
                    .isTrue();
            assertThat(run("rpc", "-s", socket, "vhost_get_controllers", "-n", "c"))
                    .isZero();
            assertThat(out.toString())
                    .contains("ctrlr: c\n")
                    .contains("backend_specific:\n  block:\n    readonly: true\n");
        }
    }

    @Test
    void configurationsMoveFromDaemonToDaemon() throws Exception {
        Path file = dir.resolve("saved.json");
        try (RunningDaemon daemon = RunningDaemon.start()) {
            daemon.call("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'Malloc0'}");
            assertThat(run(
                            "save-config",
                            "-r",
                            daemon.directory().resolve("rpc.sock").toString()))
                    .isZero();
        }
        String saved = out.toString();
        Files.writeString(file, saved);
        try (RunningDaemon daemon = RunningDaemon.waiting("")) {
            String socket = daemon.directory().resolve("rpc.sock").toString();
            assertThat(run("load-config", "-r", socket, file.toString())).isZero();
            assertThat(run("save-config", "-r", socket)).isZero();
            assertThat(out.toString()).isEqualTo(saved);
            assertThat(run("load-config", "-r", socket, file.toString())).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains(file + ":").contains("failed: File exists");
        }
    }

    @Test
    void aDryRunShowsWhatWouldChange() throws Exception {
        Path file = Files.writeString(dir.resolve("wanted.json"), """
                {"subsystems": [{"subsystem": "bdev", "config": [
                  {"method": "bdev_null_create", "params": {"name": "same", "num_blocks": 8, "block_size": 512}},
                  {"method": "bdev_null_create", "params": {"name": "grown", "num_blocks": 16, "block_size": 512}},
                  {"method": "bdev_null_create", "params": {"name": "more", "num_blocks": 8, "block_size": 512}}]}]}
                """);
        try (RunningDaemon daemon = RunningDaemon.start()) {
            String socket = daemon.directory().resolve("rpc.sock").toString();
            for (String name : List.of("same", "grown", "old")) {
                daemon.call("bdev_null_create", "{'name': '" + name + "', 'num_blocks': 8, 'block_size': 512}");
            }
            assertThat(run("load-config", "-r", socket, "--dry-run", file.toString()))
                    .isEqualTo(ExitCode.DIFFERENT);
            assertThat(out.toString().lines())
                    .startsWith(
                            "! bdev_null_create name=grown",
                            "-     num_blocks: 8",
                            "+     num_blocks: 16",
                            "+ bdev_null_create {\"name\":\"more\",\"num_blocks\":8,\"block_size\":512}")
                    .hasSize(5)
                    .last()
                    .asString()
                    .startsWith("- bdev_null_create {\"name\":\"old\"");
            assertThat(daemon.call("bdev_get_bdevs")).hasSize(3);

            run("save-config", "-r", socket);
            Files.writeString(file, out.toString());
            assertThat(run("load-config", "-r", socket, "--dry-run", file.toString()))
                    .isZero();
            assertThat(out.toString()).isEmpty();
        }
    }

    @Test
    void aConfigurationWithAnErrorLoadsNothing() throws Exception {
        Path file = Files.writeString(dir.resolve("wrong.json"), """
                {"subsystems": [{"subsystem": "bdev", "config": [
                  {"method": "bdev_null_create", "params": {"name": "n", "num_blocks": 8, "block_size": 512}},
                  {"method": "bdev_null_create", "params": {"name": "m", "num_blocks": 0, "block_size": 512}}]},
                 {"subsystem": "vhost", "config": [
                  {"method": "vhost_create_blk_controller", "params": {"ctrlr": "c", "dev_name": "n"}},
                  {"method": "vhost_create_blk_controller", "params": {"ctrlr": "d", "dev_name": "absent"}}]}]}
                """);
        try (RunningDaemon daemon = RunningDaemon.start()) {
            String socket = daemon.directory().resolve("rpc.sock").toString();
            assertThat(run("load-config", "-r", socket, file.toString())).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString())
                    .contains(":3:3: call 2, bdev_null_create")
                    .contains("'num_blocks' must be");
            assertThat(daemon.call("bdev_get_bdevs")).isEmpty();

            Files.writeString(file, Files.readString(file).replace("\"num_blocks\": 0", "\"num_blocks\": 8"));
            assertThat(run("load-config", "-r", socket, file.toString())).isEqualTo(ExitCode.FAILED);
            assertThat(err.toString()).contains(":6:3: call 2, vhost_create_blk_controller of subsystem vhost failed");
            assertThat(daemon.call("bdev_get_bdevs")).isEmpty();
            assertThat(daemon.call("vhost_get_controllers")).isEmpty();
        }
    }

    @Test
    void aConfigurationThatIsNoneIsAnErrorInUse() throws IOException {
        Path file = Files.writeString(dir.resolve("bad.json"), "{\n  \"subsystems\": 1\n}");
        assertThat(run("load-config", file.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).isEqualTo("ringside: " + file + ":2:17: here must be an array of subsystems\n");
    }

    private int run(String... args) {
        return terminal.run(args);
    }
}
