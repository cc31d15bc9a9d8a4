package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.DaemonOptions;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class FaultMethodsTest {
    private static final String FAULT =
            "{'name': 'n', 'faults': [{'action': 'fail', 'io_types': ['read'], 'count': 3}]";

    @Test
    void faultsAreRefusedUnlessTheyAreAllowed() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            disk(daemon);
            assertThat(daemon.refusal("fault_inject_bdev", FAULT + "}"))
                    .hasMessageContaining("--allow-faults")
                    .extracting(RpcException::code)
                    .isEqualTo(-1);
            daemon.refusal("fault_inject_vring", "{'ctrlr': 'c', 'faults': [{'action': 'stalled_queue'}]}");
            daemon.refusal("fault_inject_device", "{'traddr': '0000:3b:00.0', 'faults': [{'action': 'gone'}]}");
            daemon.refusal("fault_stop", "{}");
            assertThat(daemon.call("fault_get_injections")).isEmpty();
        }
    }

    @Test
    void faultsAreGivenListedAndStopped() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.with(DaemonOptions::allowingFaults)) {
            disk(daemon);
            JsonNode config = daemon.call("framework_get_config", "{'name': 'bdev'}");
            int first = daemon.call("fault_inject_bdev", FAULT + ", 'seed': 7}").intValue();
            int second = daemon.call(
                            "fault_inject_bdev",
                            "{'name': 'n', 'faults': [{'action': 'delay', 'distribution': 'uniform', 'latency_us': 5,"
                                    + " 'max_latency_us': 9, 'after_ms': 1000, 'for_ms': 10}, {'action': 'stick',"
                                    + " 'first_block': 7, 'last_block': 9, 'probability': 0.5}]}")
                    .intValue();

            JsonNode list = daemon.call("fault_get_injections");
            assertThat(list.get(0))
                    .isEqualTo(RunningDaemon.json("{'id': " + first + ", 'bdev': 'n', 'seed': 7, 'faults':"
                            + " [{'action': 'fail', 'io_types': ['read'], 'count': 3, 'hits': 0}]}"));
            assertThat(list.get(1).get("faults")).hasSize(2);
            assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}")).isEqualTo(config);
            daemon.call("fault_stop", "{'id': " + first + "}");
            assertThat(daemon.call("fault_get_injections")).hasSize(1);
            assertThat(daemon.refusal("fault_stop", "{'id': " + first + "}").code())
                    .isEqualTo(-2);
            assertThat(second).isGreaterThan(first);
            daemon.call("fault_stop");
            assertThat(daemon.call("fault_get_injections")).isEmpty();
        }
    }

    @Test
    void faultsGoWithTheirDisk() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.with(DaemonOptions::allowingFaults)) {
            disk(daemon);
            daemon.call("fault_inject_bdev", FAULT + "}");
            daemon.call("bdev_null_delete", "{'name': 'n'}");
            disk(daemon);
            assertThat(daemon.call("fault_get_injections")).isEmpty();
        }
    }

    @Test
    void whatIsWrongIsNamed() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.with(DaemonOptions::allowingFaults)) {
            disk(daemon);
            String delay = "{'name': 'n', 'faults': [{'action': 'delay', 'distribution': 'uniform', 'latency_us': 5}]}";
            assertThat(daemon.refusal("fault_inject_bdev", delay)).hasMessageContaining("max_latency_us");
            String blocks = "{'name': 'n', 'faults': [{'action': 'fail', 'first_block': 5, 'last_block': 4}]}";
            assertThat(daemon.refusal("fault_inject_bdev", blocks)).hasMessageContaining("blocks 5 to 4");
            String device = "{'traddr': 'ffff:ff:1f.7', 'faults': [{'action': 'lost_writes', 'count': 1}]}";
            assertThat(daemon.refusal("fault_inject_device", device))
                    .hasMessageContaining("nothing here drives a device ffff:ff:1f.7")
                    .extracting(RpcException::code)
                    .isEqualTo(-19);
            daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'n'}");
            assertThat(daemon.refusal("fault_inject_vring", "{'ctrlr': 'c', 'faults': [{'action': 'stalled_queue'}]}"))
                    .hasMessageContaining("no virtqueue of c runs");
            assertThat(daemon.refusal("fault_inject_vring", "{'ctrlr': 'c', 'faults': [{'action': 'spurious_calls'}]}"))
                    .hasMessageContaining("latency_us");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "flush", "unmap", "write_zeroes", "secure_erase", "copy"})
    void whatHasNoDataIsNotCorrupted(String type) throws Exception {
        try (RunningDaemon daemon = RunningDaemon.with(DaemonOptions::allowingFaults)) {
            disk(daemon);
            String corrupt = "{'name': 'n', 'faults': [{'action': 'corrupt', 'io_types': ['read', '" + type + "']}]}";
            assertThat(daemon.refusal("fault_inject_bdev", corrupt))
                    .hasMessageContaining("'io_types': " + type)
                    .extracting(RpcException::code)
                    .isEqualTo(RpcException.INVALID_PARAMS);
            assertThat(daemon.call("fault_get_injections")).isEmpty();
            daemon.call("fault_inject_bdev", corrupt.replace("corrupt", "stick"));
        }
    }

    private static void disk(RunningDaemon daemon) throws IOException {
        daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512}");
    }
}
