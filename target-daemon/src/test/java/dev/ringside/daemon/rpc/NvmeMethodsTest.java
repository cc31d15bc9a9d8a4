package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the NVMe methods say without a drive; those of qemu-tests have some. */
class NvmeMethodsTest {
    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void whatIsNotThereCannotBeAttached() throws IOException {
        RpcException refusal = daemon.refusal(
                "bdev_nvme_attach_controller", "{'name': 'Nvme0', 'trtype': 'PCIe', 'traddr': 'ffff:ff:1f.7'}");
        assertThat(refusal.code()).isEqualTo(-Errno.ENODEV);
        assertThat(refusal).hasMessageContaining("ffff:ff:1f.7");
        assertThat(daemon.call("bdev_nvme_get_controllers").isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'name': 'Nvme0', 'trtype': 'TCP', 'traddr': '0000:00:00.0'}",
                "{'name': 'Nvme0', 'trtype': 'PCIe', 'traddr': '192.168.0.1'}",
                "{'name': '', 'trtype': 'PCIe', 'traddr': '0000:00:00.0'}",
                "{'trtype': 'PCIe', 'traddr': '0000:00:00.0'}"
            })
    void badParametersAreNamed(String params) {
        assertThat(daemon.refusal("bdev_nvme_attach_controller", params).code()).isEqualTo(-32602);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bdev_nvme_detach_controller",
                "bdev_nvme_reset_controller",
                "bdev_nvme_get_controller_health_info",
                "bdev_nvme_get_errors",
                "bdev_nvme_get_firmware",
                "bdev_nvme_get_sanitize_status",
                "bdev_nvme_get_controllers"
            })
    void aControllerThatIsNotThereIsNamed(String method) {
        RpcException refusal = daemon.refusal(method, "{'name': 'Nvme7'}");
        assertThat(refusal.code()).isEqualTo(-Errno.ENODEV);
        assertThat(refusal).hasMessageContaining("Nvme7");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "bdev_nvme_get_feature, \"'feature': 'power_management'\"",
                "bdev_nvme_set_feature, \"'feature': 'power_management', 'value': 1\"",
                "bdev_nvme_format, \"'nsid': 1, 'block_size': 512, 'confirm': 'S1'\"",
                "bdev_nvme_sanitize, \"'action': 'block_erase', 'confirm': 'S1'\""
            })
    void workOnADriveThatIsNotThereIsRefused(String method, String params) {
        assertThat(daemon.refusal(method, "{'name': 'Nvme7', " + params + "}").code())
                .isEqualTo(-Errno.ENODEV);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "bdev_nvme_get_feature, \"'feature': 'number_of_queues'\"",
                "bdev_nvme_format, \"'nsid': 1, 'block_size': 512\"",
                "bdev_nvme_sanitize, \"'action': 'prayer', 'confirm': 'S1'\""
            })
    void workThatIsNotSaidWellIsRefused(String method, String params) {
        assertThat(daemon.refusal(method, "{'name': 'Nvme7', " + params + "}").code())
                .isEqualTo(-32602);
    }

    @Test
    void optionsAreKeptInTheConfiguration() throws IOException {
        assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}").isEmpty())
                .isTrue();
        daemon.call("bdev_nvme_set_options", "{'timeout_us': 5000000, 'bdev_retry_count': 1}");
        daemon.call("bdev_nvme_set_hotplug", "{'enable': true, 'period_us': 1000000}");

        assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}")).isEqualTo(RunningDaemon.json("""
                [{'method': 'bdev_nvme_set_options', 'params': {'timeout_us': 5000000, 'timeout_admin_us': 30000000,
                  'bdev_retry_count': 1, 'io_queue_requests': 256}},
                 {'method': 'bdev_nvme_set_hotplug', 'params': {'enable': true, 'period_us': 1000000}}]
                """));
        assertThat(daemon.refusal("bdev_nvme_set_options", "{'timeout_us': 999}")
                        .code())
                .isEqualTo(-32602);
        daemon.call("bdev_nvme_set_hotplug", "{'enable': false}");
    }
}
