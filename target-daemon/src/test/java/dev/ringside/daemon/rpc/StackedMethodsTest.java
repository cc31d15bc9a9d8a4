package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class StackedMethodsTest {
    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
        daemon.call("bdev_malloc_create", "{'num_blocks': 8192, 'block_size': 512, 'name': 'm'}");
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void aPassthruDiskClaimsItsBaseAndIsDescribed() throws IOException {
        assertThat(daemon.call("bdev_passthru_create", "{'base_bdev_name': 'm', 'name': 'p'}")
                        .stringValue())
                .isEqualTo("p");

        JsonNode base = daemon.call("bdev_get_bdevs", "{'name': 'm'}").get(0);
        assertThat(base.get("claimed").booleanValue()).isTrue();
        assertThat(base.get("claim_type").stringValue()).isEqualTo("exclusive_write");
        JsonNode disk = daemon.call("bdev_get_bdevs", "{'name': 'p'}").get(0);
        assertThat(disk.get("product_name").stringValue()).isEqualTo("passthru");
        assertThat(disk.get("driver_specific"))
                .isEqualTo(RunningDaemon.json("{'passthru': {'name': 'p', 'base_bdev_name': 'm'}}"));
        assertThat(daemon.refusal("bdev_split_create", "{'base_bdev': 'm', 'split_count': 2}"))
                .extracting(RpcException::code)
                .isEqualTo(-16);
        daemon.call("bdev_passthru_delete", "{'name': 'p'}");
        assertThat(daemon.call("bdev_get_bdevs", "{'name': 'm'}")
                        .get(0)
                        .get("claimed")
                        .booleanValue())
                .isFalse();
    }

    @Test
    void aDiskIsSplitAndUnsplit() throws IOException {
        JsonNode names = daemon.call("bdev_split_create", "{'base_bdev': 'm', 'split_count': 2, 'split_size_mb': 1}");

        assertThat(names).isEqualTo(RunningDaemon.json("['mp0', 'mp1']"));
        JsonNode second = daemon.call("bdev_get_bdevs", "{'name': 'mp1'}").get(0);
        assertThat(second.get("product_name").stringValue()).isEqualTo("Split Disk");
        assertThat(second.get("num_blocks").longValue()).isEqualTo(2048);
        assertThat(second.get("driver_specific"))
                .isEqualTo(RunningDaemon.json("{'split': {'base_bdev': 'm', 'offset_blocks': 2048}}"));
        daemon.call("bdev_split_delete", "{'base_bdev': 'm'}");
        assertThat(daemon.call("bdev_get_bdevs")).hasSize(1);
        assertThat(daemon.refusal("bdev_split_delete", "{'base_bdev': 'm'}").code())
                .isEqualTo(-19);
    }

    @Test
    void theSizeOfPartsMayBeGivenInBlocks() throws IOException {
        assertThat(daemon.refusal(
                        "bdev_split_create",
                        "{'base_bdev': 'm', 'split_count': 2, 'split_size_mb': 1, 'split_num_blocks': 2047}"))
                .hasMessageContaining("different sizes")
                .extracting(RpcException::code)
                .isEqualTo(-32602);
        daemon.call("bdev_split_create", "{'base_bdev': 'm', 'split_count': 2, 'split_num_blocks': 5000}");
        assertThat(daemon.call("bdev_get_bdevs", "{'name': 'mp1'}")
                        .at("/0/num_blocks")
                        .longValue())
                .isEqualTo(3192);
        assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}").at("/1/params"))
                .isEqualTo(RunningDaemon.json(
                        "{'base_bdev': 'm', 'split_count': 2, 'split_size_mb': 0, 'split_num_blocks': 5000}"));
    }

    @Test
    void partsWhoseNamesAreTakenAreNotMade() throws IOException {
        daemon.call("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512, 'name': 'mp1'}");

        assertThat(daemon.refusal("bdev_split_create", "{'base_bdev': 'm', 'split_count': 3}")
                        .code())
                .isEqualTo(-17);
        assertThat(daemon.call("bdev_get_bdevs")).hasSize(2);
        daemon.call("bdev_passthru_create", "{'base_bdev_name': 'm', 'name': 'p'}");
    }

    @Test
    void timesOfADelayDiskAreChanged() throws IOException {
        daemon.call(
                "bdev_delay_create",
                "{'base_bdev_name': 'm', 'name': 'd', 'avg_read_latency': 1, 'p99_read_latency': 2,"
                        + " 'avg_write_latency': 3, 'p99_write_latency': 4}");
        daemon.call(
                "bdev_delay_update_latency", "{'delay_bdev_name': 'd', 'latency_type': 'p99_read', 'latency_us': 20}");

        assertThat(daemon.call("bdev_get_bdevs", "{'name': 'd'}").get(0).get("driver_specific"))
                .isEqualTo(RunningDaemon.json("{'delay': {'name': 'd', 'base_bdev_name': 'm', 'avg_read_latency': 1,"
                        + " 'p99_read_latency': 20, 'avg_write_latency': 3, 'p99_write_latency': 4}}"));
        assertThat(daemon.refusal(
                        "bdev_delay_update_latency",
                        "{'delay_bdev_name': 'm', 'latency_type': 'p99_read', 'latency_us': 20}"))
                .hasMessageContaining("was not made by bdev_delay_create");
        daemon.call("bdev_delay_delete", "{'name': 'd'}");
    }

    @Test
    void errorsAreInjected() throws IOException {
        daemon.call("bdev_error_create", "{'base_name': 'm'}");

        JsonNode disk = daemon.call("bdev_get_bdevs", "{'name': 'EE_m'}").get(0);
        assertThat(disk.get("product_name").stringValue()).isEqualTo("Error Injection Disk");
        assertThat(disk.get("driver_specific")).isEqualTo(RunningDaemon.json("{'error_disk': {'base_bdev': 'm'}}"));
        String read = "{'name': 'EE_m', 'io_type': 'read', 'error_type': ";
        daemon.call("bdev_error_inject_error", read + "'failure', 'num': 3}");
        daemon.call("bdev_error_inject_error", read + "'corrupt_data', 'corrupt_offset': 7, 'corrupt_value': 1}");
        assertThat(daemon.refusal("bdev_error_inject_error", read + "'corrupt_data'}"))
                .hasMessageContaining("corrupt_value");
        daemon.call("bdev_error_inject_error", "{'name': 'EE_m', 'io_type': 'all', 'error_type': 'pending'}");
        daemon.call("bdev_error_inject_error", "{'name': 'EE_m', 'io_type': 'clear', 'error_type': 'failure'}");
        daemon.call("bdev_error_delete", "{'name': 'EE_m'}");
    }

    @Test
    void theConfigurationMakesThemAgainEachAfterItsBase() throws Exception {
        daemon.call("bdev_split_create", "{'base_bdev': 'm', 'split_count': 3}");
        daemon.call("bdev_passthru_create", "{'base_bdev_name': 'mp0', 'name': 'p'}");
        daemon.call(
                "bdev_delay_create",
                "{'base_bdev_name': 'mp1', 'name': 'd', 'avg_read_latency': 1, 'p99_read_latency': 2,"
                        + " 'avg_write_latency': 3, 'p99_write_latency': 4}");
        daemon.call("bdev_error_create", "{'base_name': 'p'}");
        JsonNode config = daemon.call("framework_get_config", "{'name': 'bdev'}");

        assertThat(config.valueStream().map(call -> call.get("method").stringValue()))
                .containsExactly(
                        "bdev_malloc_create",
                        "bdev_split_create",
                        "bdev_passthru_create",
                        "bdev_delay_create",
                        "bdev_error_create");
        try (RunningDaemon again =
                RunningDaemon.start("{\"subsystems\": [{\"subsystem\": \"bdev\", \"config\": " + config + "}]}")) {
            assertThat(again.call("framework_get_config", "{'name': 'bdev'}")).isEqualTo(config);
        }
    }

    @Test
    void disksGoWithTheirBase() throws IOException {
        daemon.call("bdev_passthru_create", "{'base_bdev_name': 'm', 'name': 'p'}");
        daemon.call("bdev_error_create", "{'base_name': 'p'}");
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'EE_p'}");
        daemon.call("bdev_malloc_delete", "{'name': 'm'}");

        assertThat(daemon.call("bdev_get_bdevs")).isEmpty();
        assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}")).isEmpty();
    }
}
