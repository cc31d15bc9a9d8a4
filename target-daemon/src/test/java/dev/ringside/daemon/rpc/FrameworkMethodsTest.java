package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.Schema;
import dev.ringside.daemon.config.ConfigFile;
import dev.ringside.daemon.config.ConfigTransfer;
import dev.ringside.daemon.target.StartException;
import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.client.RpcConnection;
import dev.ringside.rpc.codec.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class FrameworkMethodsTest {
    private static final String CONFIG = """
            {"subsystems": [{"subsystem": "bdev", "config": [
              {"method": "bdev_null_create", "params": {"name": "n", "num_blocks": 8, "block_size": 512}}]}]}
            """;

    @TempDir
    private Path dir;

    @Test
    void subsystemsComeBehindWhatTheyDependOn() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(daemon.call("framework_get_subsystems"))
                    .isEqualTo(RunningDaemon.json("[{'subsystem': 'bdev', 'depends_on': []},"
                            + " {'subsystem': 'vhost_blk', 'depends_on': ['bdev']},"
                            + " {'subsystem': 'vhost_scsi', 'depends_on': ['bdev']}]"));
            assertThat(daemon.refusal("framework_get_config", "{'name': 'nvmf'}"))
                    .hasMessageContaining("there is bdev, vhost_blk");
            assertThat(daemon.call("framework_get_config", "{'name': 'bdev', 'with_batches': true}"))
                    .isEqualTo(Json.array());
        }
    }

    @Test
    void reactorsThreadsAndPollersHaveExactlyTheirKeys() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            JsonNode reactors = daemon.call("framework_get_reactors");
            assertThat(reactors.propertyNames()).containsExactly("tick_rate", "pid", "reactors");
            assertThat(reactors.path("pid").asLong())
                    .isEqualTo(ProcessHandle.current().pid());
            assertThat(reactors.at("/reactors/0").propertyNames())
                    .containsExactly("lcore", "tid", "busy", "idle", "in_interrupt", "irq", "sys", "usr", "lw_threads");
            assertThat(reactors.at("/reactors/0/lcore").asInt()).isEqualTo(RunningDaemon.core());
            assertThat(reactors.at("/reactors/0/tid").asInt()).isPositive();
            assertThat(reactors.at("/reactors/0/lw_threads/0").propertyNames())
                    .containsExactly("name", "id", "cpumask", "elapsed");
            JsonNode threads = daemon.call("thread_get_stats");
            assertThat(threads.propertyNames()).containsExactly("tick_rate", "threads");
            assertThat(threads.at("/threads/0").propertyNames())
                    .containsExactly(
                            "name",
                            "id",
                            "cpumask",
                            "busy",
                            "idle",
                            "active_pollers_count",
                            "timed_pollers_count",
                            "paused_pollers_count");
            assertThat(threads.at("/threads/0/cpumask").asString())
                    .isEqualTo(Integer.toHexString(1 << RunningDaemon.core()));
            JsonNode pollers = daemon.call("thread_get_pollers");
            assertThat(pollers.at("/threads/0").propertyNames())
                    .containsExactly("name", "id", "active_pollers", "timed_pollers", "paused_pollers");
        }
    }

    @Test
    void whatHappensToDisksIsNotified() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(daemon.call("notify_get_types"))
                    .isEqualTo(RunningDaemon.json("['bdev_register', 'bdev_unregister']"));
            assertThat(daemon.call("notify_get_notifications")).isEmpty();
            daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 8, 'block_size': 512}");
            daemon.call("bdev_null_delete", "{'name': 'n'}");
            assertThat(daemon.call("notify_get_notifications").toString())
                    .isEqualTo(RunningDaemon.json("[{'type': 'bdev_register', 'ctx': 'n', 'id': 0},"
                                    + " {'type': 'bdev_unregister', 'ctx': 'n', 'id': 1}]")
                            .toString());
            assertThat(daemon.call("notify_get_notifications", "{'id': 1}")).hasSize(1);
            assertThat(daemon.call("notify_get_notifications", "{'id': 0, 'max': 1}")
                            .at("/0/id")
                            .asInt())
                    .isZero();
        }
    }

    @Test
    void whatSpdksConfigurationsBeginWithIsTaken() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(daemon.call(
                                    "bdev_set_options",
                                    "{'bdev_io_pool_size': 65535, 'bdev_io_cache_size': 256, 'bdev_auto_examine': true,"
                                            + " 'iobuf_small_cache_size': 128, 'iobuf_large_cache_size': 16}")
                            .booleanValue())
                    .isTrue();
            assertThat(daemon.call("bdev_examine", "{'name': 'later'}").booleanValue())
                    .isTrue();
        }
    }

    @Test
    void theVersionComesInParts() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            JsonNode version = daemon.call("spdk_get_version");
            assertThat(version.propertyNames()).containsExactly("version", "fields");
            assertThat(version.path("version").asString()).startsWith("Ringside v");
            assertThat(version.path("fields").propertyNames()).containsExactly("major", "minor", "patch", "suffix");
        }
    }

    @Test
    void whoWaitsForRpcIsInTheStartupStateUntilTold() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.waiting(CONFIG)) {
            assertThat(methods(daemon, true)).contains("framework_start_init").doesNotContain("bdev_get_bdevs");
            assertThat(daemon.refusal("bdev_get_bdevs", "{}").code()).isEqualTo(-1);
            CompletableFuture<JsonNode> waiting = new CompletableFuture<>();
            try (RpcClient other = daemon.connect()) {
                Thread thread = Thread.ofVirtual().start(() -> {
                    try {
                        waiting.complete(other.call("framework_wait_init"));
                    } catch (IOException e) {
                        waiting.completeExceptionally(e);
                    }
                });
                assertThat(daemon.call("framework_start_init").booleanValue()).isTrue();
                assertThat(waiting.get().booleanValue()).isTrue();
                thread.join();
            }
            assertThat(daemon.call("bdev_get_bdevs").at("/0/name").asString()).isEqualTo("n");
            assertThat(daemon.refusal("framework_start_init", "{}").code()).isEqualTo(-1);
            assertThat(methods(daemon, true)).contains("bdev_get_bdevs").doesNotContain("framework_start_init");
            assertThat(methods(daemon, false)).contains("framework_start_init");
        }
    }

    @Test
    void aConfigurationThatFailsStopsTheDaemonThatWaited() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.waiting(CONFIG.replace("512", "513"))) {
            assertThat(daemon.refusal("framework_start_init", "{}"))
                    .hasMessageContaining("config.json:2:3: call 1, bdev_null_create of subsystem bdev failed");
            assertThat(daemon.daemon().awaitStop()).get().asString().contains("config.json:2:3");
        }
    }

    @Test
    void aConfigurationThatFailsStopsTheStart() {
        assertThatThrownBy(() -> RunningDaemon.start(CONFIG.replace("512", "513")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(
                        "config.json:2:3: call 1, bdev_null_create of subsystem bdev failed: Invalid argument: ");
        assertThatThrownBy(() -> RunningDaemon.start(CONFIG.replace("null_create", "nil_create")))
                .hasMessageContaining("Method not found");
    }

    @Test
    void aStopEndsWhoeverWaits() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.waiting("");
                RpcConnection other =
                        RpcConnection.connect(daemon.directory().resolve("rpc.sock"), Duration.ofSeconds(60))) {
            // The second is taken when the first is: its answer says that somebody waits.
            other.send(RunningDaemon.json("{'method': 'framework_wait_init', 'id': 1}")
                    .toString());
            other.send(
                    RunningDaemon.json("{'method': 'rpc_get_methods', 'id': 2}").toString());
            assertThat(other.receive().orElseThrow().path("id").asInt()).isEqualTo(2);
            daemon.call("spdk_kill_instance", "{'sig_name': 'SIGTERM'}");
            assertThat(daemon.daemon().awaitStop()).isEmpty();
            daemon.daemon().close();
            JsonNode answer = other.receive().orElseThrow();
            assertThat(answer.path("id").asInt()).isEqualTo(1);
            assertThat(answer.at("/error/message").asString()).isEqualTo("the daemon is stopping");
        }
    }

    @Test
    void aKillIsAnsweredAndRefusedForOtherSignals() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThat(daemon.refusal("spdk_kill_instance", "{'sig_name': 'SIGKILL'}"))
                    .hasMessageContaining("one of SIGTERM");
            assertThat(daemon.call("spdk_kill_instance", "{'sig_name': '15'}").booleanValue())
                    .isTrue();
        }
    }

    @Test
    void whatIsSavedMakesTheSameAgain() throws Exception {
        Path file = dir.resolve("disk.img");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1 << 20);
        }
        String first;
        try (RunningDaemon daemon = RunningDaemon.start()) {
            daemon.call("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 4096, 'optimal_io_boundary': 4}");
            daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}");
            daemon.call("bdev_null_resize", "{'name': 'n', 'new_size': 2}");
            daemon.call(
                    "bdev_aio_create",
                    "{'name': 'a', 'filename': '" + file + "', 'readonly': true, 'fallocate': true}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'Malloc0'}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'd', 'dev_name': 'a'}");
            first = Json.pretty(ConfigTransfer.save(daemon.client()::call));
        }
        try (RunningDaemon daemon = RunningDaemon.start(first)) {
            assertThat(Json.pretty(ConfigTransfer.save(daemon.client()::call))).isEqualTo(first);
        }
        try (RunningDaemon daemon = RunningDaemon.waiting("")) {
            load(daemon, first);
            assertThat(Json.pretty(ConfigTransfer.save(daemon.client()::call))).isEqualTo(first);
        }
    }

    @Test
    void loadingNamesTheEntryThatFails() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            assertThatThrownBy(() -> load(daemon, CONFIG.replace("512", "513")))
                    .hasMessageContaining("saved:2:3: call 1, bdev_null_create of subsystem bdev failed");
            assertThatThrownBy(() -> load(daemon, CONFIG.replace("bdev_null_create", "bdev_nil_create")))
                    .hasMessageContaining(
                            "saved:2:3: call 1, bdev_nil_create of subsystem bdev failed: Method not found");
            assertThatThrownBy(() -> load(daemon, """
                            {"subsystems": [{"subsystem": "x", "config": [{"method": "framework_start_init"}]}]}
                            """)).hasMessageContaining("before the start only");
        }
    }

    private static void load(RunningDaemon daemon, String config) throws Exception {
        new ConfigTransfer(daemon.client()::call, Schema.methods())
                .load(ConfigFile.parse("saved", config.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> methods(RunningDaemon daemon, boolean current) throws IOException {
        List<String> names = new ArrayList<>();
        daemon.call("rpc_get_methods", "{'current': " + current + "}")
                .values()
                .forEach(name -> names.add(name.asString()));
        return names;
    }
}
