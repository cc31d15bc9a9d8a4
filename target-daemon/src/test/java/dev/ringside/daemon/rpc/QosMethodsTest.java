package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class QosMethodsTest {
    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
        for (String name : new String[] {"a", "b"}) {
            daemon.call("bdev_null_create", "{'num_blocks': 8192, 'block_size': 512, 'name': '" + name + "'}");
        }
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void limitsAreSetChangedAndTakenAway() throws IOException {
        daemon.call("bdev_set_qos_limit", "{'name': 'a', 'rw_ios_per_sec': 20000, 'r_mbytes_per_sec': 100}");
        assertThat(limits("a"))
                .isEqualTo(RunningDaemon.json("{'rw_ios_per_sec': 20000, 'rw_mbytes_per_sec': 0,"
                        + " 'r_mbytes_per_sec': 100, 'w_mbytes_per_sec': 0}"));
        daemon.call("bdev_set_qos_limit", "{'name': 'a', 'rw_ios_per_sec': 0, 'w_mbytes_per_sec': 7}");
        assertThat(limits("a"))
                .isEqualTo(RunningDaemon.json("{'rw_ios_per_sec': 0, 'rw_mbytes_per_sec': 0,"
                        + " 'r_mbytes_per_sec': 100, 'w_mbytes_per_sec': 7}"));
        daemon.call("bdev_set_qos_limit", "{'name': 'a', 'r_mbytes_per_sec': 0, 'w_mbytes_per_sec': 0}");
        assertThat(limits("a")).isEqualTo(limits("b"));
        assertThat(daemon.refusal("bdev_set_qos_limit", "{'name': 'a'}")).hasMessageContaining("no limit is given");
        assertThat(daemon.refusal("bdev_set_qos_limit", "{'name': 'x', 'rw_ios_per_sec': 1}"))
                .extracting(RpcException::code)
                .isEqualTo(-19);
    }

    @Test
    void groupsHaveDisksAndLimits() throws IOException {
        daemon.call("bdev_qos_group_create", "{'name': 'vm', 'rw_ios_per_sec': 1000, 'rw_ios_burst': 5000}");
        daemon.call("bdev_qos_group_add_bdev", "{'name': 'vm', 'bdev_name': 'a'}");
        daemon.call("bdev_qos_group_add_bdev", "{'name': 'vm', 'bdev_name': 'b'}");
        daemon.call("bdev_qos_group_set_limit", "{'name': 'vm', 'w_mbytes_per_sec': 10}");

        assertThat(daemon.call("bdev_qos_group_get_groups"))
                .isEqualTo(RunningDaemon.json("[{'name': 'vm', 'rw_ios_per_sec': 1000, 'rw_mbytes_per_sec': 0,"
                        + " 'r_mbytes_per_sec': 0, 'w_mbytes_per_sec': 10, 'rw_ios_burst': 5000,"
                        + " 'rw_mbytes_burst': 0, 'r_mbytes_burst': 0, 'w_mbytes_burst': 0, 'bdevs': ['a', 'b']}]"));
        daemon.call("bdev_qos_group_create", "{'name': 'other'}");
        assertThat(daemon.refusal("bdev_qos_group_add_bdev", "{'name': 'other', 'bdev_name': 'a'}")
                        .code())
                .isEqualTo(-16);
        assertThat(daemon.refusal("bdev_qos_group_create", "{'name': 'vm'}").code())
                .isEqualTo(-17);
        daemon.call("bdev_qos_group_remove_bdev", "{'name': 'vm', 'bdev_name': 'a'}");
        daemon.call("bdev_qos_group_add_bdev", "{'name': 'other', 'bdev_name': 'a'}");
        daemon.call("bdev_qos_group_delete", "{'name': 'vm'}");
        assertThat(daemon.refusal("bdev_qos_group_get_groups", "{'name': 'vm'}").code())
                .isEqualTo(-2);
    }

    @Test
    void theConfigurationSetsThemAgain() throws Exception {
        daemon.call("bdev_set_qos_limit", "{'name': 'b', 'rw_mbytes_per_sec': 9, 'rw_mbytes_burst': 90}");
        daemon.call("bdev_qos_group_create", "{'name': 'vm', 'rw_ios_per_sec': 1000}");
        daemon.call("bdev_qos_group_add_bdev", "{'name': 'vm', 'bdev_name': 'a'}");
        JsonNode config = daemon.call("framework_get_config", "{'name': 'bdev'}");

        try (RunningDaemon again =
                RunningDaemon.start("{\"subsystems\": [{\"subsystem\": \"bdev\", \"config\": " + config + "}]}")) {
            assertThat(again.call("framework_get_config", "{'name': 'bdev'}")).isEqualTo(config);
            assertThat(again.call("bdev_qos_group_get_groups")).isEqualTo(daemon.call("bdev_qos_group_get_groups"));
        }
    }

    @Test
    void aDiskThatIsGoneLeavesNoLimits() throws IOException {
        daemon.call("bdev_set_qos_limit", "{'name': 'a', 'rw_ios_per_sec': 1}");
        daemon.call("bdev_qos_group_create", "{'name': 'vm', 'rw_ios_per_sec': 1}");
        daemon.call("bdev_qos_group_add_bdev", "{'name': 'vm', 'bdev_name': 'a'}");
        daemon.call("bdev_null_delete", "{'name': 'a'}");
        daemon.call("bdev_null_create", "{'num_blocks': 8192, 'block_size': 512, 'name': 'a'}");

        assertThat(limits("a")).isEqualTo(limits("b"));
        assertThat(daemon.call("bdev_qos_group_get_groups").get(0).get("bdevs")).isEmpty();
    }

    private JsonNode limits(String name) throws IOException {
        return daemon.call("bdev_get_bdevs", "{'name': '" + name + "'}").get(0).get("assigned_rate_limits");
    }
}
