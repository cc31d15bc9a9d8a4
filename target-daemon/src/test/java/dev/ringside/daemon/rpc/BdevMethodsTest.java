package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.client.RpcClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BdevMethodsTest {
    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
        daemon.call("bdev_null_create", "{'name': 'a', 'num_blocks': 8, 'block_size': 512}");
        daemon.call("bdev_null_create", "{'name': 'b', 'num_blocks': 8, 'block_size': 512}");
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void aDiskIsWaitedFor() throws Exception {
        CompletableFuture<JsonNode> waiting = new CompletableFuture<>();
        try (RpcClient other = daemon.connect()) {
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    waiting.complete(
                            other.call("bdev_get_bdevs", RunningDaemon.json("{'name': 'late', 'timeout': 60000}")));
                } catch (IOException e) {
                    waiting.completeExceptionally(e);
                }
            });
            daemon.call("bdev_null_create", "{'name': 'late', 'num_blocks': 8, 'block_size': 512}");
            assertThat(waiting.get().path(0).path("name").asString()).isEqualTo("late");
            thread.join();
        }
    }

    @Test
    void theWaitForADiskEnds() {
        assertThat(daemon.refusal("bdev_get_bdevs", "{'name': 'never', 'timeout': 20}")
                        .code())
                .isEqualTo(-19);
        assertThat(daemon.refusal("bdev_get_bdevs", "{'name': 'a', 'timeout': -1}")
                        .code())
                .isEqualTo(-32602);
    }

    @Test
    void disksAreReadyAtOnce() throws IOException {
        assertThat(daemon.call("bdev_wait_for_examine").booleanValue()).isTrue();
    }

    @Test
    void countersHaveTheNamesThatClientsKnow() throws IOException {
        JsonNode stats = daemon.call("bdev_get_iostat", "{'name': 'a'}");

        assertThat(stats.propertyNames()).containsExactly("tick_rate", "ticks", "bdevs");
        assertThat(stats.path("tick_rate").asLong()).isEqualTo(1_000_000_000);
        assertThat(stats.path("bdevs").path(0).propertyNames())
                .containsExactly(
                        "name",
                        "bytes_read",
                        "num_read_ops",
                        "bytes_written",
                        "num_write_ops",
                        "bytes_unmapped",
                        "num_unmap_ops",
                        "bytes_copied",
                        "num_copy_ops",
                        "read_latency_ticks",
                        "max_read_latency_ticks",
                        "min_read_latency_ticks",
                        "write_latency_ticks",
                        "max_write_latency_ticks",
                        "min_write_latency_ticks",
                        "unmap_latency_ticks",
                        "max_unmap_latency_ticks",
                        "min_unmap_latency_ticks",
                        "copy_latency_ticks",
                        "max_copy_latency_ticks",
                        "min_copy_latency_ticks",
                        "io_error");
    }

    @Test
    void countersAreChosenByName() throws IOException {
        assertThat(names(daemon.call("bdev_get_iostat"))).containsExactly("a", "b");
        assertThat(names(daemon.call("bdev_get_iostat", "{'names': ['b', 'a']}")))
                .containsExactly("b", "a");
        assertThat(names(daemon.call("bdev_get_iostat", "{'name': 'b', 'per_channel': false, 'reset_mode': 'all'}")))
                .containsExactly("b");
        assertThat(daemon.call("bdev_reset_iostat").booleanValue()).isTrue();
        assertThat(daemon.call("bdev_reset_iostat", "{'name': 'a', 'mode': 'none'}")
                        .booleanValue())
                .isTrue();
    }

    @Test
    void countersThatCannotBeHadAreRefused() {
        assertThat(daemon.refusal("bdev_get_iostat", "{'name': 'x'}").code()).isEqualTo(-19);
        assertThat(daemon.refusal("bdev_get_iostat", "{'names': ['a', 'x']}").code())
                .isEqualTo(-19);
        assertThat(daemon.refusal("bdev_get_iostat", "{'name': 'a', 'names': ['b']}")
                        .code())
                .isEqualTo(-22);
        assertThat(daemon.refusal("bdev_get_iostat", "{'per_channel': true}").code())
                .isEqualTo(-22);
        assertThat(daemon.refusal("bdev_get_iostat", "{'names': ['a', 'b'], 'per_channel': true}")
                        .code())
                .isEqualTo(-22);
        assertThat(daemon.refusal("bdev_get_iostat", "{'reset_mode': 'some'}")).hasMessageContaining("reset_mode");
        assertThat(daemon.refusal("bdev_reset_iostat", "{'name': 'x'}").code()).isEqualTo(-19);
    }

    private static List<String> names(JsonNode stats) {
        return stats.path("bdevs").values().stream()
                .map(bdev -> bdev.path("name").asString())
                .toList();
    }
}
