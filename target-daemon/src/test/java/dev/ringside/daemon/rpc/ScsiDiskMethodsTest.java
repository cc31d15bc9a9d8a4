package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.reactor.IdleMode;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import dev.ringside.testkit.scsi.SimDiskSettings;
import dev.ringside.testkit.scsi.SimHost;
import dev.ringside.testkit.scsi.SimHostSettings;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** What the methods of SCSI hosts and disks say of a simulated host. */
class ScsiDiskMethodsTest {
    private final Disks disks = new Disks();
    private final ControlLock control = new ControlLock();
    private final ScsiHosts hosts = new ScsiHosts(disks, control, new VfioHost(new DmaSpace()), List.of());
    private final ScsiHostMethods hostMethods = new ScsiHostMethods(hosts, control);
    private final MethodRegistry registry = new MethodRegistry(FrameworkState.RUNTIME);

    @BeforeEach
    void attach() throws Exception {
        SimHost sim = new SimHost(
                SimHostSettings.of(
                        SimDiskSettings.ssd("first", 512, 16 << 20), SimDiskSettings.hdd("second", 4096, 8 << 20)),
                new DmaSpace());
        hosts.adopt(new PciAddress(0, 5, 0, 0), sim);
        hostMethods.register(registry);
        new ScsiDiskMethods(hosts, control).register(registry);
    }

    @AfterEach
    void close() {
        disks.close();
        hosts.close();
    }

    @Test
    void hostsAndDisksAreDescribed() {
        JsonNode host = call("scsi_get_hosts", "{}").get(0);
        assertThat(host.get("name").asString()).isEqualTo("scsi0");
        assertThat(host.get("traddr").asString()).isEqualTo("0000:05:00.0");
        assertThat(host.get("state").asString()).isEqualTo("enabled");
        assertThat(host.get("disks")).isEqualTo(RunningDaemon.json("['sda', 'sdb']"));
        assertThat(host.get("capabilities").get("queue_depth").asInt()).isEqualTo(128);
        JsonNode disk = call("scsi_get_disks", "{'name': 'sdb'}").get(0);
        assertThat(disk.get("serial_number").asString()).isEqualTo("second");
        assertThat(disk.get("rotation_rate").asInt()).isEqualTo(7200);
        assertThat(disk.get("block_size").asInt()).isEqualTo(4096);
        assertThat(disk.get("num_blocks").asInt()).isEqualTo(2048);
        assertThat(disk.get("transport").asString()).isEqualTo("sata");
        assertThat(disk.get("address").asString()).isEqualTo("0:1:0");
        assertThat(disk.get("link").isEmpty()).as("nothing is known of it").isTrue();
        assertThat(disk.get("missing").asBoolean()).isFalse();
        assertThat(host.get("ports").isEmpty()).isTrue();
        assertThat(host.get("expanders").isEmpty()).isTrue();
        assertThat(call("scsi_get_disks", "{}").size()).isEqualTo(2);
    }

    @Test
    void aDiskIsResetAlone() {
        assertThat(call("scsi_host_reset", "{'traddr': '0000:05:00.0', 'device': 'sdb'}")
                        .asBoolean())
                .isTrue();
        String stable = call("scsi_get_disks", "{'name': 'sda'}")
                .get(0)
                .get("stable_name")
                .asString();
        call("scsi_host_reset", "{'traddr': '0000:05:00.0', 'device': '" + stable + "'}");
        assertThat(call("scsi_get_hosts", "{}").get(0).get("resets").asInt()).isZero();
        assertThat(call("scsi_host_reset", "{'traddr': '0000:05:00.0'}").asBoolean())
                .isTrue();
        assertThat(call("scsi_get_hosts", "{}").get(0).get("resets").asInt()).isEqualTo(1);
        RpcException refusal = catchThrowableOfType(
                RpcException.class, () -> call("scsi_host_reset", "{'traddr': '0000:05:00.0', 'device': 'sdq'}"));
        assertThat(refusal.code()).isEqualTo(-Errno.ENODEV);
        assertThat(refusal).hasMessageContaining("scsi0 has no SCSI disk sdq");
    }

    @Test
    void bdevsAreMadeByOneCallAndKeptInTheConfiguration() {
        String first = "{'name': 'custom', 'device': 'sda', 'size': '4M'}";
        assertThat(call("bdev_scsi_create", first).asString()).isEqualTo("custom");
        call("bdev_scsi_create", "{'name': 'rest', 'device': 'sda', 'offset': '4M'}");
        assertThat(call("scsi_get_disks", "{'name': 'sda'}").get(0).get("bdevs"))
                .isEqualTo(RunningDaemon.json("['custom', 'rest']"));
        RpcException refusal = catchThrowableOfType(
                RpcException.class,
                () -> call("bdev_scsi_create", "{'name': 'more', 'device': 'sda', 'size': '1M', 'offset': '3M'}"));
        assertThat(refusal.code()).isEqualTo(-Errno.EBUSY);
        assertThat(refusal).hasMessageContaining("custom");

        ArrayNode calls = Json.array();
        hostMethods.config(calls);
        assertThat(calls)
                .isEqualTo(
                        RunningDaemon.json("[{'method': 'scsi_host_attach', 'params': {'traddr': '0000:05:00.0'}}]"));
        String stable = call("scsi_get_disks", "{'name': 'sda'}")
                .get(0)
                .get("stable_name")
                .asString();
        assertThat(RunningDaemon.json(
                        disks.made("custom").orElseThrow().params().toString()))
                .isEqualTo(RunningDaemon.json(
                        "{'name': 'custom', 'device': '" + stable + "', 'offset': '0', 'size': '4194304'}"));

        String again = disks.made("custom").orElseThrow().params().toString();
        call("bdev_scsi_delete", "{'name': 'custom'}");
        call("bdev_scsi_create", again);
        call("bdev_scsi_delete", "{'name': 'rest'}");
        call("bdev_scsi_create", "{'name': 'more', 'device': '" + stable + "', 'size': '1M', 'offset': '4M'}");
        call("scsi_rescan", "{'traddr': '0000:05:00.0'}");
        call("scsi_host_detach", "{'traddr': '0000:05:00.0'}");
        assertThat(disks.list()).isEmpty();
        assertThat(call("scsi_get_hosts", "{}").isEmpty()).isTrue();
    }

    @Test
    void whatIsMissedIsKeptInTheConfiguration() {
        String params =
                "{'name': 'later', 'device': 'naa.5000c500deadbeef', 'offset': '4M', 'size': '1M', 'wait': true}";
        assertThat(call("bdev_scsi_create", params).asString()).isEqualTo("later");
        ArrayNode calls = Json.array();
        hostMethods.config(calls);
        assertThat(RunningDaemon.json(calls.get(1).toString())).isEqualTo(RunningDaemon.json("""
                {'method': 'bdev_scsi_create', 'params': {'name': 'later', 'device': 'naa.5000c500deadbeef',
                  'offset': '4194304', 'size': '1048576', 'wait': true}}
                """));
        call("bdev_scsi_delete", "{'name': 'later'}");
        assertThat(hosts.parts().missed()).isEmpty();
        call("bdev_scsi_create", calls.get(1).get("params").toString());
        assertThat(hosts.parts().missed()).hasSize(1);
    }

    @Test
    void optionsAreThoseOfHostsToComeAndKeptInTheConfiguration() {
        assertThat(hosts.options()).isEqualTo(ScsiOptions.DEFAULT);
        hosts.start(IdleMode.INTERRUPT);
        call("bdev_scsi_set_options", "{'timeout_us': 5000000, 'timeout_busy_us': 0, 'bdev_retry_count': 1}");
        assertThat(hosts.options()).isEqualTo(new ScsiOptions(5_000, 10_000, 1, 0, true));
        ArrayNode calls = Json.array();
        hostMethods.config(calls);
        assertThat(RunningDaemon.json(calls.get(0).toString())).isEqualTo(RunningDaemon.json("""
                {'method': 'bdev_scsi_set_options', 'params': {'timeout_us': 5000000, 'timeout_task_us': 10000000,
                  'timeout_busy_us': 0, 'bdev_retry_count': 1}}
                """));
        assertThat(calls.get(1).get("method").asString()).isEqualTo("scsi_host_attach");
        call("bdev_scsi_set_options", "{}");
        assertThat(hosts.options()).isEqualTo(ScsiOptions.DEFAULT.withInterrupts(true));
        RpcException refusal =
                catchThrowableOfType(RpcException.class, () -> call("bdev_scsi_set_options", "{'timeout_us': 0}"));
        assertThat(refusal).hasMessageContaining("timeout_us");
    }

    private JsonNode call(String method, String params) {
        return registry.call(method, RunningDaemon.json(params));
    }
}
