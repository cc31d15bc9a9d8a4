package dev.ringside.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.Schema;
import dev.ringside.rpc.codec.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a configuration of which a call fails in the daemon: nothing. */
class ConfigTransferTest {
    private static final String UUID = "11111111-2222-3333-4444-555555555555";
    /** There is a disk of this name. */
    private static final String FAILS = "bdev_null_create {'name': 'n', 'num_blocks': 8, 'block_size': 512}";
    /** Each of them sets something that is saved, of a disk or a controller that is there, or of drivers. */
    private static final List<String> SETTINGS = List.of(
            "bdev_nvme_set_options {'bdev_retry_count': 9, 'timeout_us': 7000000}",
            "bdev_scsi_set_options {'bdev_retry_count': 9}",
            "bdev_nvme_set_hotplug {'enable': true, 'period_us': 5000000}",
            "bdev_set_qos_limit {'name': 'n', 'r_mbytes_per_sec': 9, 'rw_ios_per_sec': 0}",
            "bdev_set_qos_limit {'name': '" + UUID + "', 'rw_ios_burst': 3}",
            "bdev_enable_histogram {'name': '" + UUID + "', 'slow_io_us': 7}",
            "vhost_controller_set_coalescing {'ctrlr': 'c', 'delay_base_us': 5, 'iops_threshold': 70000}",
            "bdev_qos_group_set_limit {'name': 'vm', 'rw_ios_per_sec': 5}");

    @TempDir
    private Path dir;

    @Test
    void settingsAreAsTheyWereBefore() throws Exception {
        Path state = dir.resolve("state");
        try (RunningDaemon daemon = RunningDaemon.with(options -> options.keeping(state))) {
            makeObjects(daemon);
            daemon.call("bdev_nvme_set_options", "{'timeout_us': 5000000}");
            daemon.call("bdev_scsi_set_options", "{'timeout_us': 5000000}");
            daemon.call("bdev_nvme_set_hotplug", "{'enable': true, 'period_us': 9000000}");
            daemon.call("bdev_set_qos_limit", "{'name': 'n', 'rw_ios_per_sec': 100, 'rw_ios_burst': 200}");
            daemon.call("bdev_enable_histogram", "{'name': 'n', 'slow_io_us': 1000}");
            daemon.call(
                    "vhost_controller_set_coalescing", "{'ctrlr': 'c', 'delay_base_us': 10, 'iops_threshold': 60000}");
            assertThatNothingStaysOf(daemon, SETTINGS);
            assertThat(state.resolve("config.json")).content().isEqualTo(saved(daemon) + "\n");
        }
    }

    @Test
    void whereNothingWasSetNothingIsAfterwards() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            makeObjects(daemon);
            assertThatNothingStaysOf(daemon, SETTINGS);
        }
    }

    @Test
    void objectsOfTheConfigurationGoWithTheirSettings() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            makeObjects(daemon);
            assertThatNothingStaysOf(
                    daemon,
                    List.of(
                            "bdev_null_create {'name': 'm', 'num_blocks': 8, 'block_size': 512}",
                            "bdev_null_resize {'name': 'm', 'new_size': 1}",
                            "bdev_set_qos_limit {'name': 'm', 'rw_ios_per_sec': 7000}",
                            "bdev_qos_group_create {'name': 'g', 'rw_ios_per_sec': 7000}",
                            "bdev_qos_group_set_limit {'name': 'g', 'rw_ios_per_sec': 8000}",
                            "bdev_qos_group_add_bdev {'name': 'g', 'bdev_name': 'm'}",
                            "bdev_qos_group_add_bdev {'name': 'vm', 'bdev_name': 'n'}"));
        }
    }

    @Test
    void disksOfDisksThatAreNamedByTheirUuidsGo() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            makeObjects(daemon);
            List<String> uuids = new ArrayList<>();
            for (String base : List.of("error", "passthru", "split", "delay")) {
                uuids.add(UUID.replace("5555", "666" + uuids.size()));
                daemon.call(
                        "bdev_null_create",
                        "{'name': '" + base + "', 'num_blocks': 2048, 'block_size': 512, 'uuid': '" + uuids.getLast()
                                + "'}");
            }
            assertThatNothingStaysOf(
                    daemon,
                    List.of(
                            "bdev_error_create {'base_name': '" + uuids.get(0) + "'}",
                            "bdev_passthru_create {'base_bdev_name': '" + uuids.get(1) + "', 'name': 'p'}",
                            "bdev_split_create {'base_bdev': '" + uuids.get(2) + "', 'split_count': 2}",
                            "bdev_delay_create {'base_bdev_name': '" + uuids.get(3) + "', 'name': 'd',"
                                    + " 'avg_read_latency': 1, 'p99_read_latency': 2, 'avg_write_latency': 3,"
                                    + " 'p99_write_latency': 4}",
                            "bdev_qos_group_add_bdev {'name': 'vm', 'bdev_name': '" + UUID + "'}"));
        }
    }

    @Test
    void optionsThatWereSetBeforeTheStartAreTheDefaultsAgain() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.waiting("")) {
            assertThatThrownBy(() -> load(daemon, List.of(SETTINGS.getFirst(), "bdev_null_delete {'name': 'x'}")))
                    .hasMessageContaining("call 2, bdev_null_delete of subsystem bdev failed")
                    .hasMessageNotContaining("taken back");
            assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}")).isEmpty();
        }
    }

    @Test
    void whatCannotBeTakenBackIsNamed() throws Exception {
        try (RunningDaemon daemon = RunningDaemon.start()) {
            makeObjects(daemon);
            assertThatThrownBy(() -> load(daemon, List.of("bdev_null_resize {'name': 'n', 'new_size': 9}", FAILS)))
                    .hasMessageContaining("call 2, bdev_null_create of subsystem bdev failed: File exists")
                    .hasMessageEndingWith("; not everything before it could be taken back: ! bdev_null_create name=n");
        }
    }

    private static void makeObjects(RunningDaemon daemon) throws IOException {
        daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 2048, 'block_size': 512, 'uuid': '" + UUID + "'}");
        daemon.call("vhost_create_blk_controller", "{'ctrlr': 'c', 'dev_name': 'n'}");
        daemon.call("bdev_qos_group_create", "{'name': 'vm', 'rw_ios_per_sec': 1000, 'w_mbytes_per_sec': 2}");
    }

    private static void assertThatNothingStaysOf(RunningDaemon daemon, List<String> calls) throws Exception {
        String before = saved(daemon);
        List<String> failing = new ArrayList<>(calls);
        failing.add(FAILS);
        assertThatThrownBy(() -> load(daemon, failing))
                .hasMessageContaining("bdev_null_create of subsystem bdev failed: File exists")
                .hasMessageNotContaining("taken back");
        assertThat(saved(daemon)).isEqualTo(before);
        // They are calls that do change something.
        load(daemon, calls);
        assertThat(saved(daemon)).isNotEqualTo(before);
    }

    private static void load(RunningDaemon daemon, List<String> calls) throws Exception {
        List<ConfigEntry> entries = new ArrayList<>();
        for (String call : calls) {
            String[] words = call.split(" ", 2);
            entries.add(
                    new ConfigEntry("bdev", entries.size() + 1, words[0], RunningDaemon.json(words[1]), "file:1:1"));
        }
        new ConfigTransfer(daemon.client()::call, Schema.methods()).load(entries);
    }

    private static String saved(RunningDaemon daemon) throws IOException {
        return Json.pretty(ConfigTransfer.save(daemon.client()::call));
    }
}
