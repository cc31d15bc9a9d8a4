package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** What the methods of SCSI hosts say without an adapter. */
class ScsiHostMethodsTest {
    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"scsi_host_attach", "scsi_host_detach", "scsi_host_reset", "scsi_rescan"})
    void anAdapterThatIsNotThereIsNamed(String method) {
        RpcException refusal = daemon.refusal(method, "{'traddr': 'ffff:ff:1f.7'}");
        assertThat(refusal.code()).isEqualTo(-Errno.ENODEV);
        assertThat(refusal).hasMessageContaining("ffff:ff:1f.7");
        assertThat(daemon.refusal(method, "{'traddr': '192.168.0.1'}").code()).isEqualTo(-32602);
    }

    @Test
    void thereIsNothing() throws IOException {
        assertThat(daemon.call("scsi_get_hosts").isEmpty()).isTrue();
        assertThat(daemon.call("scsi_get_disks").isEmpty()).isTrue();
        daemon.call("scsi_rescan");
        assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}").isEmpty())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'name': 'a', 'device': 'sda', 'size': '4x'}",
                "{'name': 'a', 'device': 'sda', 'size': '0'}",
                "{'name': 'a', 'device': 'sda', 'size': '9999999P'}",
                "{'name': 'a', 'device': 'sda', 'offset': '-1'}",
                "{'name': 'a'}"
            })
    void badParametersAreNamed(String params) {
        assertThat(daemon.refusal("bdev_scsi_create", params).code()).isEqualTo(-32602);
    }

    @Test
    void aDiskThatIsNotThereIsNamed() {
        for (String size : new String[] {"1", "400G", "4MiB", "512KB"}) {
            RpcException refusal =
                    daemon.refusal("bdev_scsi_create", "{'name': 'a', 'device': 'sdq', 'size': '" + size + "'}");
            assertThat(refusal.code()).isEqualTo(-Errno.ENODEV);
            assertThat(refusal).hasMessageContaining("sdq");
        }
        assertThat(daemon.refusal("bdev_scsi_delete", "{'name': 'a'}").code()).isEqualTo(-Errno.ENODEV);
        assertThat(daemon.refusal("scsi_get_disks", "{'name': 'sdq'}").code()).isEqualTo(-Errno.ENODEV);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "512, 512", "1K, 1024", "400G, 429496729600", "2TiB, 2199023255552", "3MB, 3145728"})
    void sizes(String text, long bytes) {
        assertThat(ByteSize.parse("size", text)).isEqualTo(bytes);
        assertThatThrownBy(() -> ByteSize.parse("size", text + "x")).isInstanceOf(RpcException.class);
    }
}
