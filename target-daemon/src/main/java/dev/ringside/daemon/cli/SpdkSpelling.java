package dev.ringside.daemon.cli;

import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.Spelling;
import java.util.Map;
import java.util.stream.Collectors;

/** How SPDK's rpc.py spells the methods, so that what is in operators' fingers and scripts works here. */
final class SpdkSpelling {
    /** Of the methods whose operands are not just their required parameters, or which have short options. */
    private static final String TABLE = """
            bdev_aio_create filename name [block_size] -r=readonly -u=uuid --no-wait=nowait
            bdev_delay_create -b=base_bdev_name -d=name -r=avg_read_latency -t=p99_read_latency \
            --nine-nine-read-latency=p99_read_latency -w=avg_write_latency -n=p99_write_latency \
            --nine-nine-write-latency=p99_write_latency -u=uuid
            bdev_enable_histogram name -e=enable --histogram=enable -d=!enable --disable=!enable \
            --no-histogram=!enable
            bdev_error_inject_error name io_type error_type -n=num -q=queue_depth -o=corrupt_offset -v=corrupt_value
            bdev_examine -b=name
            bdev_get_bdevs -b=name -t=timeout --timeout-ms=timeout
            bdev_get_iostat -b=name -c=per_channel
            bdev_malloc_create num_blocks:MiB block_size -b=name -u=uuid -p=physical_block_size -o=optimal_io_boundary \
            -m=md_size -i=md_interleave -t=dif_type -d=dif_is_head_of_md -f=dif_pi_format
            bdev_null_create name num_blocks:MiB block_size -u=uuid -p=physical_block_size -m=md_size -t=dif_type \
            -d=dif_is_head_of_md -f=dif_pi_format
            bdev_nvme_attach_controller -b=name -t=trtype -a=traddr -q=hostnqn -r=prchk_reftag -g=prchk_guard -e=hdgst \
            -d=ddgst --fabrics-timeout=fabrics_connect_timeout_us -x=multipath -l=ctrlr_loss_timeout_sec \
            -o=reconnect_delay_sec -u=fast_io_fail_timeout_sec -U=allow_unrecognized_csi
            bdev_nvme_get_controller_health_info -c=name
            bdev_nvme_get_controllers -n=name
            bdev_nvme_set_hotplug -e=enable --hotplug=enable -d=!enable --disable=!enable --no-hotplug=!enable \
            -r=period_us
            bdev_nvme_set_options -a=action_on_timeout -t=timeout_us -k=keep_alive_timeout_ms \
            -p=nvme_adminq_poll_period_us -i=nvme_ioq_poll_period_us -s=io_queue_requests -d=!delay_cmd_submit \
            --disable-delay-cmd-submit=!delay_cmd_submit -c=transport_retry_count -r=bdev_retry_count \
            -e=transport_ack_timeout -l=ctrlr_loss_timeout_sec -o=reconnect_delay_sec -u=fast_io_fail_timeout_sec \
            -f=disable_auto_failback -m=nvme_error_stat -q=rdma_srq_size --enable-rdma-umr-per-io=rdma_umr_per_io \
            --disable-rdma-umr-per-io=!rdma_umr_per_io --no-rdma-umr-per-io=!rdma_umr_per_io
            bdev_passthru_create -b=base_bdev_name -p=name -u=uuid
            bdev_reset_iostat -b=name -m=mode
            bdev_set_options -p=bdev_io_pool_size -c=bdev_io_cache_size --auto-examine=bdev_auto_examine \
            --no-auto-examine=!bdev_auto_examine -e=bdev_auto_examine --enable-auto-examine=bdev_auto_examine \
            -d=!bdev_auto_examine --disable-auto-examine=!bdev_auto_examine
            bdev_split_create base_bdev split_count -s=split_size_mb
            bdev_uring_create filename name [block_size] -u=uuid
            notify_get_notifications -i=id -n=max
            rpc_get_methods -c=current -i=include_aliases
            vhost_create_blk_controller ctrlr dev_name -r=readonly -p=packed_ring
            vhost_get_controllers -n=name
            """;

    private static final Map<String, Spelling> SPELLINGS = TABLE.lines()
            .map(line -> line.split(" ", 2))
            .collect(Collectors.toMap(words -> words[0], words -> Spelling.parse(words[1])));

    private SpdkSpelling() {}

    /** The spelling of a method; the general one if SPDK's client has nothing special for it. */
    static Spelling of(MethodSpec method) {
        Spelling special = SPELLINGS.get(method.name());
        return special == null ? Spelling.ofRequired(method) : special;
    }

    /** The methods that are in the table, for a check that they are there. */
    static Map<String, Spelling> table() {
        return SPELLINGS;
    }
}
