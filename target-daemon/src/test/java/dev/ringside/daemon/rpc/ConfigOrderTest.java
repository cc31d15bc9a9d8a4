package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.insight.Watch;
import dev.ringside.daemon.target.Access;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.NvmeControllers;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.pci.PciAddress;
import dev.ringside.env.vfio.VfioHost;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.FrameworkState;
import dev.ringside.testkit.nvme.NvmeModel;
import dev.ringside.testkit.nvme.NvmeModelSettings;
import dev.ringside.testkit.scsi.SimDiskSettings;
import dev.ringside.testkit.scsi.SimHost;
import dev.ringside.testkit.scsi.SimHostSettings;
import dev.ringside.vhost.memory.MemoryListener;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A configuration of drives and of what is set for their disks can be replayed in the order in which it is told. */
class ConfigOrderTest {
    private static final long MIB = 1 << 20;

    @TempDir
    private Path dir;

    @Test
    void disksOfDrivesAreThereBeforeTheirLimitsAndHistograms() throws Exception {
        JsonNode saved;
        try (Target first = new Target(dir)) {
            first.call("bdev_nvme_set_options", "{'timeout_us': 5000000}");
            // Replayed after the drives, whose disks then come before it.
            first.call("bdev_malloc_create", "{'name': 'a', 'num_blocks': 2048, 'block_size': 512}");
            first.attachDrive("N");
            first.attachAdapter(PciAddress.parse("05:00.0").orElseThrow());
            first.call("bdev_scsi_create", "{'name': 's', 'device': 'sda'}");
            first.call("bdev_split_create", "{'base_bdev': 'Nn1', 'split_count': 2}");
            first.call("bdev_set_qos_limit", "{'name': 'a', 'rw_ios_per_sec': 3000}");
            first.call("bdev_set_qos_limit", "{'name': 's', 'rw_ios_per_sec': 5000}");
            first.call("bdev_set_qos_limit", "{'name': 'Nn1', 'r_mbytes_per_sec': 5}");
            first.call("bdev_qos_group_create", "{'name': 'g', 'rw_mbytes_per_sec': 7}");
            first.call("bdev_qos_group_add_bdev", "{'name': 'g', 'bdev_name': 's'}");
            first.call("bdev_qos_group_add_bdev", "{'name': 'g', 'bdev_name': 'Nn1p1'}");
            first.call("bdev_enable_histogram", "{'name': 'a', 'enable': true}");
            first.call("bdev_enable_histogram", "{'name': 'Nn1', 'enable': true, 'slow_io_us': 900}");
            first.call("bdev_enable_histogram", "{'name': 's', 'enable': true}");
            saved = first.config();
        }
        assertThat(saved.findValuesAsString("method"))
                .startsWith(
                        "bdev_nvme_set_options",
                        "bdev_nvme_attach_controller",
                        "scsi_host_attach",
                        "bdev_malloc_create",
                        "bdev_scsi_create",
                        "bdev_split_create")
                .hasSize(15);
        try (Target second = new Target(dir)) {
            for (JsonNode call : saved) {
                second.replay(call.path("method").asString(), call.path("params"));
            }
            assertThat(second.config()).isEqualTo(saved);
        }
    }

    /** The methods of a daemon, with models of devices in place of PCI functions. */
    private static final class Target implements AutoCloseable {
        private final ControlLock control = new ControlLock();
        private final Disks disks = new Disks();
        private final VfioHost vfio = new VfioHost(new DmaSpace());
        private final NvmeControllers drives = new NvmeControllers(disks, control, vfio);
        private final ScsiHosts adapters = new ScsiHosts(disks, control, vfio, List.of());
        private final Controllers controllers = new Controllers();
        private final MethodRegistry methods = new MethodRegistry(FrameworkState.RUNTIME);

        Target(Path dir) throws Exception {
            Reactors reactors = new Reactors();
            controllers.start(dir, List.of(), MemoryListener.NONE, Access.DEFAULT);
            AllMethods.registerDisks(methods, disks, drives, adapters, control);
            LatencyMethods latency = new LatencyMethods(disks, controllers, control, new Watch(reactors, disks));
            latency.register(methods);
            new ConfigMethods(
                            disks,
                            new NvmeMethods(drives, control),
                            new ScsiHostMethods(adapters, control),
                            new QosMethods(disks, control),
                            controllers,
                            new ScsiMethods(reactors, disks, controllers, control),
                            latency)
                    .register(methods);
        }

        void attachDrive(String name) throws Exception {
            control.change(() ->
                    drives.adopt(name, new NvmeModel(NvmeModelSettings.plain(9, 4 * MIB), new DmaSpace())));
        }

        void attachAdapter(PciAddress address) throws Exception {
            SimHost host = new SimHost(SimHostSettings.of(SimDiskSettings.ssd("first", 512, 4 * MIB)), new DmaSpace());
            control.change(() -> adapters.adopt(address, host));
        }

        void replay(String method, JsonNode params) throws Exception {
            switch (method) {
                case NvmeMethods.ATTACH -> attachDrive(params.path("name").asString());
                case "scsi_host_attach" ->
                    attachAdapter(
                            PciAddress.parse(params.path("traddr").asString()).orElseThrow());
                default -> methods.call(method, params);
            }
        }

        void call(String method, String params) {
            methods.call(method, RunningDaemon.json(params));
        }

        JsonNode config() {
            return methods.call("framework_get_config", RunningDaemon.json("{'name': 'bdev'}"));
        }

        @Override
        public void close() {
            disks.close();
            adapters.close();
            drives.close();
            controllers.close();
        }
    }
}
