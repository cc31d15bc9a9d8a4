package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.env.linux.UnixConnection;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class VhostMethodsTest {
    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
        daemon.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 8, 'block_size': 512}");
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void callsAreHeldBackAsAskedAndAfterARestart() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 8, 'block_size': 512}");
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'n'}");
            assertThat(daemon.refusal(
                            "vhost_controller_set_coalescing",
                            "{'ctrlr': 'c', 'delay_base_us': 10, 'iops_threshold': 99}"))
                    .hasMessageContaining("at least 100");
            daemon.call(
                    "vhost_controller_set_coalescing", "{'ctrlr': 'c', 'delay_base_us': 10, 'iops_threshold': 60000}");
            assertThat(daemon.call("vhost_get_controllers")
                            .at("/0/delay_base_us")
                            .asInt())
                    .isEqualTo(10);
            assertThat(daemon.call("framework_get_config", "{'name': 'vhost_blk'}")
                            .path(1))
                    .isEqualTo(RunningDaemon.json("{'method': 'vhost_controller_set_coalescing', 'params':"
                            + " {'ctrlr': 'c', 'delay_base_us': 10, 'iops_threshold': 60000}}"));
        }
    }

    @Test
    void aControllerIsDescribedAsClientsExpect() throws IOException {
        assertThat(daemon.call(
                                "vhost_create_blk_controller",
                                "{'ctrlr': 'vhost.0', 'dev_name': 'ram', 'readonly': true, 'packed_ring': false,"
                                        + " 'transport': 'vhost_user_blk'}")
                        .booleanValue())
                .isTrue();

        Path socket = daemon.directory().resolve("vhost.0");
        assertThat(socket).exists();
        JsonNode all = daemon.call("vhost_get_controllers");
        assertThat(all).isEqualTo(daemon.call("vhost_get_controllers", "{'name': 'vhost.0'}"));
        assertThat(all.size()).isEqualTo(1);
        assertThat(all.path(0).propertyNames())
                .containsExactly(
                        "ctrlr",
                        "cpumask",
                        "delay_base_us",
                        "iops_threshold",
                        "socket",
                        "sessions",
                        "backend_specific",
                        "error_counters");
        assertThat(all.path(0).path("ctrlr").asString()).isEqualTo("vhost.0");
        assertThat(all.path(0).path("cpumask").asString())
                .isEqualTo("0x" + Integer.toHexString(1 << RunningDaemon.core()));
        assertThat(all.path(0).path("socket").asString()).isEqualTo(socket.toString());
        assertThat(all.path(0).path("backend_specific"))
                .isEqualTo(RunningDaemon.json(
                        "{'block': {'readonly': true, 'bdev': 'ram', 'transport': 'vhost_user_blk'}}"));
    }

    @Test
    void whatIsNotAllowedIsRefused() throws IOException {
        refused("{'ctrlr': 'c', 'dev_name': 'none'}", "No such device: ");
        refused("{'ctrlr': 'c/d', 'dev_name': 'ram'}", "Invalid argument: ");
        refused("{'ctrlr': 'c', 'dev_name': 'ram', 'cpumask': 'x'}", "Invalid argument: ");
        refused(
                "{'ctrlr': 'c', 'dev_name': 'ram', 'cpumask': '[" + RunningDaemon.absentCore() + "]'}",
                "Invalid argument: ");
        refused("{'ctrlr': 'c', 'dev_name': 'ram', 'packed_ring': 1}", "parameter 'packed_ring' must be");
        refused("{'ctrlr': 'c', 'dev_name': 'ram', 'transport': 'vfio_user_blk'}", "parameter 'transport' must be");
        refused("{'ctrlr': 'c', 'dev_name': 'ram', 'serial': ''}", "parameter 'serial' must be");
        refused("{'ctrlr': 'c', 'dev_name': 'ram', 'serial': '123456789012345678901'}", "parameter 'serial' must be");
        refused("{'ctrlr': 'c', 'dev_name': 'ram', 'seg_max': 0}", "parameter 'seg_max' must be");
        refused("{'ctrlr': 'c', 'dev_name': 'ram', 'size_max': 4095}", "parameter 'size_max' must be");
        refused(
                "{'ctrlr': 'c', 'dev_name': 'ram', 'opt_io_size': 1000}",
                "Invalid argument: opt_io_size 1000: a multiple of");
        assertThat(daemon.call("vhost_get_controllers").size()).isZero();
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
        refused("{'ctrlr': 'c', 'dev_name': 'ram'}", "File exists: ");
        assertThat(daemon.refusal("vhost_get_controllers", "{'name': 'd'}"))
                .hasMessageStartingWith("No such device: ")
                .extracting(RpcException::code)
                .isEqualTo(-32602);
    }

    @Test
    void limitsAreSavedAsTheyWereGiven() throws IOException {
        String params = "'ctrlr': 'c', 'dev_name': 'ram', 'readonly': false, 'packed_ring': true, 'serial': 'S-1',"
                + " 'seg_max': 20, 'size_max': 8192, 'opt_io_size': 4096, 'discard_granularity': 1024,"
                + " 'max_discard_size': 2048, 'max_write_zeroes_size': 1536, 'max_secure_erase_size': 512,"
                + " 'pin_memory': true";
        daemon.call("vhost_create_blk_controller", "{" + params + "}");
        JsonNode saved =
                daemon.call("framework_get_config", "{'name': 'vhost_blk'}").at("/0/params");
        String mask = "0x" + Integer.toHexString(1 << RunningDaemon.core());
        assertThat(saved)
                .isEqualTo(RunningDaemon.json(
                        "{" + params + ", 'cpumask': '" + mask + "', 'transport': 'vhost_user_blk'}"));
    }

    @Test
    void aControllerIsDeletedUnlessAGuestIsConnected() throws IOException {
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
        Path socket = daemon.directory().resolve("c");

        try (UnixConnection guest = UnixConnection.connect(socket)) {
            assertThat(guest.fd().number()).isNotNegative();
            while (daemon.call("vhost_get_controllers").at("/0/sessions").isEmpty()) {
                Thread.onSpinWait();
            }
            assertThat(daemon.call("vhost_get_controllers").at("/0/sessions/0").propertyNames())
                    .containsExactly("vid", "id", "name", "started", "max_queues", "inflight_task_cnt");
            assertThat(daemon.refusal("vhost_delete_controller", "{'ctrlr': 'c'}"))
                    .hasMessageStartingWith("Device or resource busy: ")
                    .extracting(RpcException::code)
                    .isEqualTo(-16);
        }
        while (!daemon.call("vhost_get_controllers").at("/0/sessions").isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(daemon.call("vhost_delete_controller", "{'ctrlr': 'c'}").booleanValue())
                .isTrue();
        assertThat(Files.exists(socket)).isFalse();
        assertThat(daemon.refusal("vhost_delete_controller", "{'ctrlr': 'c'}").code())
                .isEqualTo(-32602);
    }

    @Test
    void aControllerOutlivesItsDisk() throws IOException {
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'ram'}");
        daemon.call("bdev_malloc_delete", "{'name': 'ram'}");

        assertThat(daemon.call("vhost_get_controllers")
                        .at("/0/backend_specific/block/bdev")
                        .isNull())
                .isTrue();
        assertThat(daemon.call("framework_get_config", "{'name': 'vhost_blk'}").size())
                .isZero();
        daemon.call("vhost_delete_controller", "{'ctrlr': 'c'}");
    }

    @Test
    void thereIsOneTransport() throws IOException {
        assertThat(daemon.call("virtio_blk_get_transports"))
                .isEqualTo(RunningDaemon.json("[{'name': 'vhost_user_blk'}]"));
        assertThat(daemon.call("virtio_blk_get_transports", "{'name': 'vhost_user_blk'}")
                        .size())
                .isEqualTo(1);
        assertThat(daemon.refusal("virtio_blk_get_transports", "{'name': 'x'}").code())
                .isEqualTo(-19);
        assertThat(daemon.refusal("virtio_blk_create_transport", "{'name': 'vhost_user_blk'}"))
                .hasMessageStartingWith("File exists: ");
        assertThat(daemon.refusal("virtio_blk_create_transport", "{'name': 'x'}"))
                .hasMessageStartingWith("No such device: ");
    }

    private void refused(String params, String message) {
        assertThat(daemon.refusal("vhost_create_blk_controller", params))
                .hasMessageStartingWith(message)
                .extracting(RpcException::code)
                .isEqualTo(-32602);
    }
}
