package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.error.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What SPDK's rpc.py, v25.05 and later, sends for its methods: it names each of its switches, also those that its user has
 * not touched, and leaves out other options that are not given.
 */
class SpdkClientTest {
    private static final String NO_METADATA = "'md_interleave': false, 'dif_is_head_of_md': false";
    private static final String DRIVE = "'name': 'N', 'trtype': 'PCIe', 'traddr': 'ffff:ff:1f.7'";
    private static final String DRIVE_SWITCHES = "'prchk_reftag': false, 'prchk_guard': false, 'hdgst': false,"
            + " 'ddgst': false, 'allow_unrecognized_csi': false";
    /** What it saves of a drive that was attached without any options. */
    private static final String DRIVE_SAVED =
            "'prchk_reftag': false, 'prchk_guard': false, 'ctrlr_loss_timeout_sec': 0,"
                    + " 'reconnect_delay_sec': 0, 'fast_io_fail_timeout_sec': 0, 'hdgst': false, 'ddgst': false,"
                    + " 'hostnqn': 'nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555',"
                    + " 'multipath': 'multipath', 'fabrics_connect_timeout_us': 500000, 'num_io_queues': 127";

    private static final String OPTION_SWITCHES =
            "'delay_cmd_submit': true, 'disable_auto_failback': false, 'generate_uuids': false, 'nvme_error_stat': false,"
                    + " 'io_path_stat': false, 'allow_accel_sequence': false";

    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    /** One request of each method that the client and the daemon have, in an order in which all can be done. */
    @Test
    void whatItSendsIsDone() throws Exception {
        Path file = Files.write(daemon.directory().resolve("disk"), new byte[1 << 20]);
        for (String request : (Iterable<String>) requests(file)::iterator) {
            String[] parts = request.split(" ", 2);
            if (parts.length == 1) {
                // An object without members is left out.
                daemon.call(parts[0]);
            } else {
                daemon.call(parts[0], "{" + parts[1] + "}");
            }
        }
        assertThat(daemon.call("bdev_get_bdevs")).isEmpty();
    }

    private static Stream<String> requests(Path file) {
        return """
                spdk_get_version
                rpc_get_methods 'current': false, 'include_aliases': false
                framework_wait_init
                framework_get_subsystems
                framework_get_config 'name': 'bdev'
                framework_get_reactors
                thread_get_stats
                thread_get_pollers
                thread_get_io_channels
                log_set_level 'level': 'INFO'
                log_get_level
                log_set_print_level 'level': 'INFO'
                log_get_print_level
                log_set_flag 'flag': 'vhost'
                log_clear_flag 'flag': 'vhost'
                log_get_flags
                notify_get_types
                notify_get_notifications
                notify_get_notifications 'id': 0, 'max': 10
                bdev_set_options
                bdev_set_options 'bdev_io_pool_size': 65535, 'bdev_io_cache_size': 256, 'bdev_auto_examine': true
                bdev_examine 'name': 'm'
                bdev_wait_for_examine
                bdev_malloc_create 'num_blocks': 8192, 'block_size': 512, 'name': 'm', NO_METADATA
                bdev_null_create 'num_blocks': 2048, 'block_size': 512, 'name': 'n', 'dif_is_head_of_md': false
                bdev_null_resize 'name': 'n', 'new_size': 2
                bdev_aio_create 'filename': 'FILE', 'name': 'a', 'block_size': 512, 'readonly': false, 'fallocate': false, \
                'nowait': false
                bdev_aio_rescan 'name': 'a'
                bdev_aio_delete 'name': 'a'
                bdev_uring_create 'filename': 'FILE', 'name': 'u', 'block_size': 512
                bdev_uring_rescan 'name': 'u'
                bdev_uring_delete 'name': 'u'
                bdev_passthru_create 'base_bdev_name': 'n', 'name': 'p'
                bdev_passthru_delete 'name': 'p'
                bdev_delay_create 'base_bdev_name': 'n', 'name': 'd', 'avg_read_latency': 1, 'p99_read_latency': 2, \
                'avg_write_latency': 1, 'p99_write_latency': 2
                bdev_delay_update_latency 'delay_bdev_name': 'd', 'latency_type': 'avg_read', 'latency_us': 2
                bdev_delay_delete 'name': 'd'
                bdev_error_create 'base_name': 'n'
                bdev_error_inject_error 'name': 'EE_n', 'io_type': 'read', 'error_type': 'failure', 'num': 1
                bdev_error_inject_error 'name': 'EE_n', 'io_type': 'clear', 'error_type': 'failure'
                bdev_error_delete 'name': 'EE_n'
                bdev_split_create 'base_bdev': 'n', 'split_count': 2
                bdev_split_delete 'base_bdev': 'n'
                bdev_null_delete 'name': 'n'
                bdev_get_bdevs
                bdev_get_bdevs 'name': 'm', 'timeout': 10
                bdev_get_iostat 'per_channel': false
                bdev_get_iostat 'name': 'm', 'per_channel': true, 'reset_mode': 'none'
                bdev_reset_iostat 'name': 'm', 'mode': 'all'
                bdev_set_qos_limit 'name': 'm', 'rw_ios_per_sec': 1000
                bdev_enable_histogram 'name': 'm', 'enable': true
                bdev_get_histogram 'name': 'm'
                bdev_nvme_set_options OPTION_SWITCHES
                bdev_nvme_set_options 'timeout_us': 8000000, OPTION_SWITCHES, 'enable_flush': false
                bdev_nvme_set_options OPTION_SWITCHES, 'enable_flush': true, 'multipath_opts': {}
                bdev_nvme_set_hotplug 'enable': true, 'period_us': 1000000
                bdev_nvme_set_hotplug 'enable': false
                bdev_nvme_get_controllers
                virtio_blk_get_transports
                virtio_blk_get_transports 'name': 'vhost_user_blk'
                vhost_create_blk_controller 'ctrlr': 'b', 'dev_name': 'm', 'readonly': false, 'packed_ring': false
                vhost_controller_set_coalescing 'ctrlr': 'b', 'delay_base_us': 10, 'iops_threshold': 60000
                vhost_get_controllers
                vhost_get_controllers 'name': 'b'
                vhost_delete_controller 'ctrlr': 'b'
                vhost_create_scsi_controller 'ctrlr': 's', 'delay': true
                vhost_start_scsi_controller 'ctrlr': 's'
                vhost_scsi_controller_add_target 'ctrlr': 's', 'scsi_target_num': -1, 'bdev_name': 'm'
                scsi_get_devices
                vhost_scsi_controller_remove_target 'ctrlr': 's', 'scsi_target_num': 0
                vhost_delete_controller 'ctrlr': 's'
                bdev_malloc_delete 'name': 'm'
                """.replace("FILE", file.toString())
                .replace("NO_METADATA", NO_METADATA)
                .replace("OPTION_SWITCHES", OPTION_SWITCHES)
                .lines();
    }

    /** There is no drive here: what is refused is the drive, not the request. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bdev_nvme_attach_controller " + DRIVE + ", " + DRIVE_SWITCHES,
                "bdev_nvme_attach_controller " + DRIVE + ", " + DRIVE_SWITCHES + ", 'multipath_opts': {}",
                "bdev_nvme_attach_controller " + DRIVE + ", " + DRIVE_SAVED,
                "bdev_nvme_get_controllers 'name': 'N'",
                "bdev_nvme_reset_controller 'name': 'N'",
                "bdev_nvme_get_controller_health_info 'name': 'N'",
                "bdev_nvme_detach_controller 'name': 'N'"
            })
    void whatItAsksOfADriveIsUnderstood(String request) {
        String[] parts = request.split(" ", 2);
        assertThat(daemon.refusal(parts[0], "{" + parts[1] + "}").code()).isEqualTo(-Errno.ENODEV);
    }

    @ParameterizedTest
    @ValueSource(strings = {"prchk_reftag", "prchk_guard", "hdgst", "ddgst", "allow_unrecognized_csi"})
    void whatADriveCannotHaveIsRefused(String name) {
        refused("bdev_nvme_attach_controller", DRIVE + ", '" + name + "': true", "'" + name + "' must be false");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disable_auto_failback",
                "nvme_error_stat",
                "io_path_stat",
                "allow_accel_sequence",
                "rdma_umr_per_io"
            })
    void whatThereIsNotIsRefused(String name) {
        refused("bdev_nvme_set_options", "'" + name + "': true", "'" + name + "' must be false");
    }

    @Test
    void whatIsAlwaysSoCannotBeTurnedOff() {
        refused("bdev_nvme_set_options", "'delay_cmd_submit': false", "'delay_cmd_submit' must be true");
        refused("bdev_nvme_set_options", "'multipath_opts': {'policy': 'active_active'}", "'multipath_opts.policy'");
        refused("bdev_nvme_attach_controller", DRIVE + ", 'multipath_opts': {'min_io': 1}", "'multipath_opts.min_io'");
    }

    /** What is in the way of another time-out action is said, and a time is never taken for none. */
    @Test
    void aTimeoutDoesWhatItDoes() throws IOException {
        daemon.call("bdev_nvme_set_options", "{'action_on_timeout': 'abort', 'timeout_us': 5000000}");
        daemon.call("bdev_nvme_set_options", "{'action_on_timeout': 'none', 'timeout_us': 0, 'timeout_admin_us': 0}");
        String why = "'action_on_timeout' must be abort";
        refused("bdev_nvme_set_options", "'action_on_timeout': 'reset', 'timeout_us': 5000000", why);
        refused("bdev_nvme_set_options", "'action_on_timeout': 'none', 'timeout_us': 5000000", why);
        refused("bdev_nvme_set_options", "'timeout_us': 1", "'timeout_us' must be 0, or from 1000 to");
        refused("bdev_nvme_set_options", "'io_queue_requests': 1", "'io_queue_requests' must be 0, or from 2 to");
    }

    @ParameterizedTest
    @CsvSource({
        "keep_alive_timeout_ms, 10000",
        "arbitration_burst, 0",
        "low_priority_weight, 0",
        "medium_priority_weight, 0",
        "high_priority_weight, 0",
        "nvme_adminq_poll_period_us, 10000",
        "nvme_ioq_poll_period_us, 0",
        "transport_retry_count, 4",
        "ctrlr_loss_timeout_sec, 0",
        "reconnect_delay_sec, 0",
        "fast_io_fail_timeout_sec, 0",
        "transport_ack_timeout, 0",
        "transport_tos, 0",
        "rdma_srq_size, 0",
        "rdma_max_cq_size, 0",
        "rdma_cm_event_timeout_ms, 0",
        "tcp_connect_timeout_ms, 0"
    })
    void aNumberIsSpdksDefaultOrIsRefused(String name, int only) throws IOException {
        daemon.call("bdev_nvme_set_options", "{'" + name + "': " + only + "}");
        refused("bdev_nvme_set_options", "'" + name + "': " + (only + 1), "'" + name + "' must be " + only);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ctrlr_loss_timeout_sec", "reconnect_delay_sec", "fast_io_fail_timeout_sec"})
    void aDriveThatIsGoneIsNotWaitedFor(String name) {
        refused("bdev_nvme_attach_controller", DRIVE + ", '" + name + "': 1", "'" + name + "' must be 0");
    }

    @Test
    void thereAreQueuesForEachReactor() {
        refused("bdev_nvme_attach_controller", DRIVE + ", 'num_io_queues': 0", "'num_io_queues' must be");
        String enough = "{" + DRIVE + ", 'num_io_queues': 1}";
        assertThat(daemon.refusal("bdev_nvme_attach_controller", enough).code()).isEqualTo(-Errno.ENODEV);
    }

    private void refused(String method, String params, String why) {
        assertThat(daemon.refusal(method, "{" + params + "}"))
                .hasMessageContaining(why)
                .satisfies(e -> assertThat(e.code()).isEqualTo(-32602));
    }
}
