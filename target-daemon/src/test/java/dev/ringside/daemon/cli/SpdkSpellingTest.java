package dev.ringside.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.Schema;
import dev.ringside.rpc.schema.ArgumentParser;
import dev.ringside.rpc.schema.MethodSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Command lines of SPDK's client, v25.05, with each option that it and the daemon have, and what they ask for. */
class SpdkSpellingTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            bdev_aio_create /srv/a aio0 4096 -r --fallocate | {'filename': '/srv/a', 'name': 'aio0', 'block_size': 4096, \
            'readonly': true, 'fallocate': true}
            bdev_aio_create /srv/a aio0 --no-wait | {'nowait': true, 'filename': '/srv/a', 'name': 'aio0'}
            bdev_aio_create /srv/a aio0 --readonly -u 123e4567-e89b-12d3-a456-426614174000 | {'readonly': true, \
            'uuid': '123e4567-e89b-12d3-a456-426614174000', 'filename': '/srv/a', 'name': 'aio0'}
            bdev_aio_delete aio0 | {'name': 'aio0'}
            bdev_aio_rescan aio0 | {'name': 'aio0'}
            bdev_delay_create -b a -d b -r 1 -t 2 -w 3 -n 4 | {'base_bdev_name': 'a', 'name': 'b', 'avg_read_latency': 1, \
            'p99_read_latency': 2, 'avg_write_latency': 3, 'p99_write_latency': 4}
            bdev_delay_create --base-bdev-name a --name b --avg-read-latency 1 --nine-nine-read-latency 2 \
            --avg-write-latency 3 --nine-nine-write-latency 4 | {'base_bdev_name': 'a', 'name': 'b', 'avg_read_latency': 1, \
            'p99_read_latency': 2, 'avg_write_latency': 3, 'p99_write_latency': 4}
            bdev_delay_create -u 123e4567-e89b-12d3-a456-426614174000 | {'uuid': '123e4567-e89b-12d3-a456-426614174000'}
            bdev_delay_delete b | {'name': 'b'}
            bdev_delay_update_latency b p99_read 7 | {'delay_bdev_name': 'b', 'latency_type': 'p99_read', 'latency_us': 7}
            bdev_enable_histogram a --histogram | {'enable': true, 'name': 'a'}
            bdev_enable_histogram a --no-histogram | {'enable': false, 'name': 'a'}
            bdev_enable_histogram -e a | {'enable': true, 'name': 'a'}
            bdev_enable_histogram --enable a | {'enable': true, 'name': 'a'}
            bdev_enable_histogram -d a | {'enable': false, 'name': 'a'}
            bdev_enable_histogram --disable a | {'enable': false, 'name': 'a'}
            bdev_error_create a | {'base_name': 'a'}
            bdev_error_create a --uuid 123e4567-e89b-12d3-a456-426614174000 | {'uuid': '123e4567-e89b-12d3-a456-426614174000', \
            'base_name': 'a'}
            bdev_error_delete EE_a | {'name': 'EE_a'}
            bdev_error_inject_error EE_a read corrupt_data -n 5 -q 1 -o 3 -v 255 | {'num': 5, 'queue_depth': 1, \
            'corrupt_offset': 3, 'corrupt_value': 255, 'name': 'EE_a', 'io_type': 'read', 'error_type': 'corrupt_data'}
            bdev_error_inject_error EE_a all failure --num 5 --queue-depth 1 --corrupt-offset 3 --corrupt-value 255 | {'num': 5, \
            'queue_depth': 1, 'corrupt_offset': 3, 'corrupt_value': 255, 'name': 'EE_a', 'io_type': 'all', 'error_type': 'failure'}
            bdev_examine -b a | {'name': 'a'}
            bdev_get_bdevs -b a -t 10 | {'name': 'a', 'timeout': 10}
            bdev_get_bdevs --name a --timeout-ms 10 | {'name': 'a', 'timeout': 10}
            bdev_get_histogram a | {'name': 'a'}
            bdev_get_iostat -b a -c --reset-mode maxmin | {'name': 'a', 'per_channel': true, 'reset_mode': 'maxmin'}
            bdev_get_iostat --names a,b | {'names': ['a', 'b']}
            bdev_get_iostat --name a --per-channel | {'name': 'a', 'per_channel': true}
            bdev_malloc_create -b a 64 512 -u 123e4567-e89b-12d3-a456-426614174000 -p 4096 -o 8 | {'name': 'a', \
            'uuid': '123e4567-e89b-12d3-a456-426614174000', 'physical_block_size': 4096, 'optimal_io_boundary': 8, \
            'block_size': 512, 'num_blocks': 131072}
            bdev_malloc_create 1 4096 -m 8 -i -t 1 -d -f 0 | {'md_size': 8, 'md_interleave': true, 'dif_type': 1, \
            'dif_is_head_of_md': true, 'dif_pi_format': 0, 'block_size': 4096, 'num_blocks': 256}
            bdev_malloc_create 1 4096 --md-size 8 --md-interleave --dif-type 1 --dif-is-head-of-md --dif-pi-format 0 | \
            {'md_size': 8, 'md_interleave': true, 'dif_type': 1, 'dif_is_head_of_md': true, 'dif_pi_format': 0, \
            'block_size': 4096, 'num_blocks': 256}
            bdev_malloc_delete a | {'name': 'a'}
            bdev_null_create a 8 4096 | {'name': 'a', 'block_size': 4096, 'num_blocks': 2048}
            bdev_null_create a -u 123e4567-e89b-12d3-a456-426614174000 8 4096 -p 8192 -m 8 -t 1 -d -f 0 | {'name': 'a', \
            'uuid': '123e4567-e89b-12d3-a456-426614174000', 'physical_block_size': 8192, 'md_size': 8, 'dif_type': 1, \
            'dif_is_head_of_md': true, 'dif_pi_format': 0, 'block_size': 4096, 'num_blocks': 2048}
            bdev_null_delete a | {'name': 'a'}
            bdev_null_resize a 16 | {'name': 'a', 'new_size': 16}
            bdev_nvme_attach_controller -b n -t PCIe -a 0000:3b:00.0 | {'name': 'n', 'trtype': 'PCIe', 'traddr': '0000:3b:00.0'}
            bdev_nvme_attach_controller -b n -t PCIe -a 0000:3b:00.0 -q nqn -r -g -e -d --fabrics-timeout 9 -x disable \
            --num-io-queues 8 -l -1 -o 7 -u 6 -U | {'name': 'n', 'trtype': 'PCIe', 'traddr': '0000:3b:00.0', 'hostnqn': 'nqn', \
            'prchk_reftag': true, 'prchk_guard': true, 'hdgst': true, 'ddgst': true, 'fabrics_connect_timeout_us': 9, \
            'multipath': 'disable', 'num_io_queues': 8, 'ctrlr_loss_timeout_sec': -1, 'reconnect_delay_sec': 7, \
            'fast_io_fail_timeout_sec': 6, 'allow_unrecognized_csi': true}
            bdev_nvme_attach_controller --name n --trtype PCIe --traddr 0000:3b:00.0 --hostnqn nqn --prchk-reftag --prchk-guard \
            --hdgst --ddgst --multipath disable --ctrlr-loss-timeout-sec -1 --reconnect-delay-sec 7 \
            --fast-io-fail-timeout-sec 6 --allow-unrecognized-csi | {'name': 'n', 'trtype': 'PCIe', 'traddr': '0000:3b:00.0', \
            'hostnqn': 'nqn', 'prchk_reftag': true, 'prchk_guard': true, 'hdgst': true, 'ddgst': true, 'multipath': 'disable', \
            'ctrlr_loss_timeout_sec': -1, 'reconnect_delay_sec': 7, 'fast_io_fail_timeout_sec': 6, \
            'allow_unrecognized_csi': true}
            bdev_nvme_detach_controller n | {'name': 'n'}
            bdev_nvme_get_controller_health_info -c n | {'name': 'n'}
            bdev_nvme_get_controllers -n n | {'name': 'n'}
            bdev_nvme_reset_controller n | {'name': 'n'}
            bdev_nvme_set_hotplug --hotplug -r 1000 | {'enable': true, 'period_us': 1000}
            bdev_nvme_set_hotplug -d | {'enable': false}
            bdev_nvme_set_hotplug --disable --period-us 1000 | {'enable': false, 'period_us': 1000}
            bdev_nvme_set_hotplug --no-hotplug | {'enable': false}
            bdev_nvme_set_hotplug -e | {'enable': true}
            bdev_nvme_set_hotplug --enable | {'enable': true}
            bdev_nvme_set_options -t 5000000 -r 3 -s 512 | {'timeout_us': 5000000, 'bdev_retry_count': 3, \
            'io_queue_requests': 512}
            bdev_nvme_set_options -a abort -t 5000000 --timeout-admin-us 6 -k 7 --arbitration-burst 1 --low-priority-weight 2 \
            --medium-priority-weight 3 --high-priority-weight 4 -p 8 -i 9 -s 512 -d -c 10 -r -1 -e 11 -l -1 -o 12 -u 13 -f \
            --generate-uuids --transport-tos 14 -m -q 15 --io-path-stat --allow-accel-sequence --rdma-max-cq-size 16 \
            --rdma-cm-event-timeout-ms 17 --dhchap-digests sha256,sha384 --dhchap-dhgroups null,ffdhe2048 --rdma-umr-per-io \
            --tcp-connect-timeout-ms 18 --enable-flush | {'action_on_timeout': 'abort', 'timeout_us': 5000000, \
            'timeout_admin_us': 6, 'keep_alive_timeout_ms': 7, 'arbitration_burst': 1, 'low_priority_weight': 2, \
            'medium_priority_weight': 3, 'high_priority_weight': 4, 'nvme_adminq_poll_period_us': 8, 'nvme_ioq_poll_period_us': 9, \
            'io_queue_requests': 512, 'delay_cmd_submit': false, 'transport_retry_count': 10, 'bdev_retry_count': -1, \
            'transport_ack_timeout': 11, 'ctrlr_loss_timeout_sec': -1, 'reconnect_delay_sec': 12, 'fast_io_fail_timeout_sec': 13, \
            'disable_auto_failback': true, 'generate_uuids': true, 'transport_tos': 14, 'nvme_error_stat': true, \
            'rdma_srq_size': 15, 'io_path_stat': true, 'allow_accel_sequence': true, 'rdma_max_cq_size': 16, \
            'rdma_cm_event_timeout_ms': 17, 'dhchap_digests': ['sha256', 'sha384'], 'dhchap_dhgroups': ['null', 'ffdhe2048'], \
            'rdma_umr_per_io': true, 'tcp_connect_timeout_ms': 18, 'enable_flush': true}
            bdev_nvme_set_options --action-on-timeout abort --timeout-us 5 --keep-alive-timeout-ms 7 \
            --nvme-adminq-poll-period-us 8 --nvme-ioq-poll-period-us 9 --io-queue-requests 512 --disable-delay-cmd-submit \
            --transport-retry-count 10 --bdev-retry-count 3 --transport-ack-timeout 11 --ctrlr-loss-timeout-sec -1 \
            --reconnect-delay-sec 12 --fast-io-fail-timeout-sec 13 --disable-auto-failback --nvme-error-stat --rdma-srq-size 15 \
            --disable-rdma-umr-per-io | {'action_on_timeout': 'abort', 'timeout_us': 5, 'keep_alive_timeout_ms': 7, \
            'nvme_adminq_poll_period_us': 8, 'nvme_ioq_poll_period_us': 9, 'io_queue_requests': 512, 'delay_cmd_submit': false, \
            'transport_retry_count': 10, 'bdev_retry_count': 3, 'transport_ack_timeout': 11, 'ctrlr_loss_timeout_sec': -1, \
            'reconnect_delay_sec': 12, 'fast_io_fail_timeout_sec': 13, 'disable_auto_failback': true, 'nvme_error_stat': true, \
            'rdma_srq_size': 15, 'rdma_umr_per_io': false}
            bdev_nvme_set_options --enable-rdma-umr-per-io | {'rdma_umr_per_io': true}
            bdev_nvme_set_options --no-rdma-umr-per-io | {'rdma_umr_per_io': false}
            bdev_passthru_create -b a -p b | {'base_bdev_name': 'a', 'name': 'b'}
            bdev_passthru_create --base-bdev-name a --name b -u 123e4567-e89b-12d3-a456-426614174000 | {'base_bdev_name': 'a', \
            'name': 'b', 'uuid': '123e4567-e89b-12d3-a456-426614174000'}
            bdev_passthru_delete b | {'name': 'b'}
            bdev_reset_iostat -b a -m error | {'name': 'a', 'mode': 'error'}
            bdev_set_options -p 100 -c 10 --no-auto-examine | {'bdev_io_pool_size': 100, 'bdev_io_cache_size': 10, \
            'bdev_auto_examine': false}
            bdev_set_options --auto-examine --iobuf-small-cache-size 1 --iobuf-large-cache-size 2 | {'bdev_auto_examine': true, \
            'iobuf_small_cache_size': 1, 'iobuf_large_cache_size': 2}
            bdev_set_options -e | {'bdev_auto_examine': true}
            bdev_set_options --enable-auto-examine | {'bdev_auto_examine': true}
            bdev_set_options -d | {'bdev_auto_examine': false}
            bdev_set_options --disable-auto-examine | {'bdev_auto_examine': false}
            bdev_set_qos_limit a --rw-ios-per-sec 1000 --rw-mbytes-per-sec 9 --r-mbytes-per-sec 8 --w-mbytes-per-sec 7 | \
            {'rw_ios_per_sec': 1000, 'rw_mbytes_per_sec': 9, 'r_mbytes_per_sec': 8, 'w_mbytes_per_sec': 7, 'name': 'a'}
            bdev_split_create a 4 -s 16 | {'split_size_mb': 16, 'base_bdev': 'a', 'split_count': 4}
            bdev_split_delete a | {'base_bdev': 'a'}
            bdev_uring_create /srv/u u 512 | {'filename': '/srv/u', 'name': 'u', 'block_size': 512}
            bdev_uring_create /srv/u u -u 123e4567-e89b-12d3-a456-426614174000 | {'filename': '/srv/u', 'name': 'u', \
            'uuid': '123e4567-e89b-12d3-a456-426614174000'}
            bdev_uring_delete u | {'name': 'u'}
            bdev_uring_rescan u | {'name': 'u'}
            bdev_wait_for_examine | {}
            framework_get_config bdev | {'name': 'bdev'}
            framework_get_reactors | {}
            framework_get_subsystems | {}
            framework_start_init | {}
            framework_wait_init | {}
            log_clear_flag vhost | {'flag': 'vhost'}
            log_get_flags | {}
            log_get_level | {}
            log_get_print_level | {}
            log_set_flag vhost | {'flag': 'vhost'}
            log_set_level DEBUG | {'level': 'DEBUG'}
            log_set_print_level INFO | {'level': 'INFO'}
            notify_get_notifications -i 1 -n 2 | {'id': 1, 'max': 2}
            notify_get_types | {}
            rpc_get_methods -c -i | {'current': true, 'include_aliases': true}
            scsi_get_devices | {}
            spdk_get_version | {}
            spdk_kill_instance SIGTERM | {'sig_name': 'SIGTERM'}
            thread_get_io_channels | {}
            thread_get_pollers | {}
            thread_get_stats | {}
            vhost_controller_set_coalescing c 10 1000 | {'ctrlr': 'c', 'delay_base_us': 10, 'iops_threshold': 1000}
            vhost_create_blk_controller c a --cpumask 0x1 --transport vhost_user_blk -r -p | {'cpumask': '0x1', \
            'transport': 'vhost_user_blk', 'readonly': true, 'packed_ring': true, 'ctrlr': 'c', 'dev_name': 'a'}
            vhost_create_blk_controller c a --packed_ring | {'packed_ring': true, 'ctrlr': 'c', 'dev_name': 'a'}
            vhost_create_scsi_controller c --cpumask 0x1 --delay | {'cpumask': '0x1', 'delay': true, 'ctrlr': 'c'}
            vhost_delete_controller c | {'ctrlr': 'c'}
            vhost_get_controllers -n c | {'name': 'c'}
            vhost_scsi_controller_add_target c -1 a | {'ctrlr': 'c', 'scsi_target_num': -1, 'bdev_name': 'a'}
            vhost_scsi_controller_remove_target c 3 | {'ctrlr': 'c', 'scsi_target_num': 3}
            vhost_start_scsi_controller c | {'ctrlr': 'c'}
            virtio_blk_create_transport vhost_user_blk | {'name': 'vhost_user_blk'}
            virtio_blk_get_transports --name vhost_user_blk | {'name': 'vhost_user_blk'}
            """)
    void wordsMeanWhatTheyMeanThere(String line, String params) {
        List<String> words = Arrays.asList(line.strip().split(" +", -1));
        Optional<MethodSpec> method = Schema.method(words.getFirst());
        assertThat(method).as(words.getFirst()).isPresent();
        ObjectNode said = ArgumentParser.parse(
                method.orElseThrow(), SpdkSpelling.of(method.orElseThrow()), words.subList(1, words.size()));
        assertThat(RunningDaemon.json(said.toString())).isEqualTo(RunningDaemon.json(params));
    }
}
