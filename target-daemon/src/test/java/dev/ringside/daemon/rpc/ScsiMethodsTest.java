package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ScsiMethodsTest {
    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
        daemon.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 8, 'block_size': 512}");
        daemon.call("bdev_malloc_create", "{'name': 'more', 'num_blocks': 8, 'block_size': 512}");
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void aControllerIsDescribedAsClientsExpect() throws IOException {
        assertThat(daemon.call("vhost_create_scsi_controller", "{'ctrlr': 'vhost.0'}")
                        .booleanValue())
                .isTrue();
        assertThat(daemon.directory().resolve("vhost.0")).exists();
        assertThat(add("{'ctrlr': 'vhost.0', 'scsi_target_num': -1, 'bdev_name': 'ram'}"))
                .isZero();
        assertThat(add("{'ctrlr': 'vhost.0', 'scsi_target_num': 5, 'bdev_name': 'more', 'lun': 3}"))
                .isEqualTo(5);
        JsonNode all = daemon.call("vhost_get_controllers");
        assertThat(all.path(0).path("backend_specific"))
                .isEqualTo(RunningDaemon.json("{'scsi': [{'scsi_dev_num': 0, 'id': 0, 'target_name': 'Target 0',"
                        + " 'luns': [{'id': 0, 'bdev_name': 'ram'}]}, {'scsi_dev_num': 5, 'id': 5,"
                        + " 'target_name': 'Target 5', 'luns': [{'id': 3, 'bdev_name': 'more'}]}]}"));
        assertThat(daemon.call("scsi_get_devices"))
                .isEqualTo(RunningDaemon.json(
                        "[{'id': 0, 'device_name': 'Target 0'}, {'id': 1, 'device_name': 'Target 5'}]"));
        assertThat(daemon.call("vhost_scsi_controller_remove_target", "{'ctrlr': 'vhost.0', 'scsi_target_num': 0}")
                        .booleanValue())
                .isTrue();
        assertThat(daemon.call("scsi_get_devices").size()).isEqualTo(1);
    }

    @Test
    void theConfigurationMakesItAgain() throws IOException {
        daemon.call("vhost_create_scsi_controller", "{'ctrlr': 'a', 'delay': true}");
        assertThat(daemon.directory().resolve("a")).doesNotExist();
        add("{'ctrlr': 'a', 'scsi_target_num': 2, 'bdev_name': 'ram', 'vendor': 'ACME', 'serial': 'S1'}");
        add("{'ctrlr': 'a', 'scsi_target_num': 2, 'bdev_name': 'more', 'lun': 1}");
        JsonNode config = daemon.call("framework_get_config", "{'name': 'vhost_scsi'}");
        assertThat(config.size()).isEqualTo(3);
        assertThat(config.path(0).path("params").path("delay").booleanValue()).isTrue();
        assertThat(config.path(1).path("params"))
                .isEqualTo(RunningDaemon.json("{'ctrlr': 'a', 'scsi_target_num': 2, 'bdev_name': 'ram', 'lun': 0,"
                        + " 'vendor': 'ACME', 'serial': 'S1'}"));
        daemon.call("vhost_start_scsi_controller", "{'ctrlr': 'a'}");
        assertThat(daemon.directory().resolve("a")).exists();
        assertThat(daemon.call("framework_get_config", "{'name': 'vhost_scsi'}")
                        .path(0)
                        .path("params")
                        .path("delay")
                        .booleanValue())
                .isFalse();
        assertThat(daemon.call("framework_get_config", "{'name': 'vhost_blk'}").size())
                .isZero();
        daemon.call("vhost_delete_controller", "{'ctrlr': 'a'}");
        for (JsonNode call : config) {
            daemon.call(call.path("method").asString(), call.path("params").toString());
        }
        assertThat(daemon.call("framework_get_config", "{'name': 'vhost_scsi'}"))
                .isEqualTo(config);
    }

    @Test
    void whatIsNotAllowedIsRefused() throws IOException {
        daemon.call("vhost_create_scsi_controller", "{'ctrlr': 's'}");
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'b', 'dev_name': 'ram'}");
        refused("vhost_create_scsi_controller", "{'ctrlr': 's'}", "File exists: ");
        refused("vhost_start_scsi_controller", "{'ctrlr': 's'}", "File exists: ");
        refused("vhost_start_scsi_controller", "{'ctrlr': 'b'}", "Invalid argument: ");
        String add = "vhost_scsi_controller_add_target";
        refused(add, "{'ctrlr': 's', 'scsi_target_num': 0, 'bdev_name': 'none'}", "No such device: ");
        refused(add, "{'ctrlr': 's', 'scsi_target_num': 256, 'bdev_name': 'ram'}", "parameter 'scsi_target_num'");
        refused(add, "{'ctrlr': 's', 'scsi_target_num': 0, 'bdev_name': 'ram', 'serial': ''}", "parameter 'serial'");
        refused(add, "{'ctrlr': 'b', 'scsi_target_num': 0, 'bdev_name': 'ram'}", "Invalid argument: ");
        refused(
                "vhost_scsi_controller_remove_target",
                "{'ctrlr': 's', 'scsi_target_num': 0}",
                "No such device: there is no target 0");
        refused("vhost_controller_swap_bdev", "{'ctrlr': 's', 'dev_name': 'ram'}", "Invalid argument: ");
    }

    @Test
    void aDiskThatIsDeletedTakesItsTargetAlong() throws IOException {
        daemon.call("vhost_create_scsi_controller", "{'ctrlr': 's'}");
        add("{'ctrlr': 's', 'scsi_target_num': 0, 'bdev_name': 'ram'}");
        daemon.call("bdev_malloc_delete", "{'name': 'ram'}");
        assertThat(daemon.call("scsi_get_devices").size()).isZero();
    }

    private int add(String params) throws IOException {
        return daemon.call("vhost_scsi_controller_add_target", params).asInt();
    }

    private void refused(String method, String params, String message) {
        assertThatThrownBy(() -> daemon.call(method, params))
                .isInstanceOfSatisfying(
                        RpcException.class, e -> assertThat(e.getMessage()).contains(message));
    }
}
