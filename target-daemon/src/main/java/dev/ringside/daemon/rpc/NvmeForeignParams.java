package dev.ringside.daemon.rpc;

import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The switches that SPDK's client sends with every call, whether its user has asked for them or not, and what else is in a
 * configuration that SPDK has saved. What is so here in any case may be said, with SPDK's default; anything else is refused.
 */
final class NvmeForeignParams {
    private static final String NO_PROTECTION = "namespaces with protection information are refused here";
    private static final String NO_FABRICS = "there is no NVMe over fabrics here";
    private static final String ONE_PATH = "a controller has one path here";

    /** What an attachment must not ask for, and why. */
    private static final Map<String, String> ATTACHMENT = new TreeMap<>(Map.of(
            "prchk_reftag", NO_PROTECTION,
            "prchk_guard", NO_PROTECTION,
            "hdgst", NO_FABRICS,
            "ddgst", NO_FABRICS,
            "allow_unrecognized_csi", "namespaces of other command sets cannot be read and written"));

    /** What options must not ask for, and why. */
    private static final Map<String, String> OPTIONS = new TreeMap<>(Map.of(
            "disable_auto_failback",
            ONE_PATH,
            "io_path_stat",
            ONE_PATH,
            "rdma_umr_per_io",
            NO_FABRICS,
            "nvme_error_stat",
            "errors are always counted, see bdev_nvme_get_controllers",
            "allow_accel_sequence",
            "there is nothing that requests could be accelerated by"));

    private static final String NO_WEIGHTS = "a drive serves all of its queues by turns";
    private static final String NO_WAITING = "a drive that is gone is let go at once";
    private static final String DEAF = "A PCIe drive is not told it: any is right.";

    /** Numbers of an attachment, and of options for all of them, that must be SPDK's defaults. */
    private static final List<Fixed> NUMBERS = List.of(
            new Fixed("ctrlr_loss_timeout_sec", 0, NO_WAITING),
            new Fixed("reconnect_delay_sec", 0, NO_WAITING),
            new Fixed("fast_io_fail_timeout_sec", 0, NO_WAITING));

    /** Numbers of options alone that must be. */
    private static final List<Fixed> OPTION_NUMBERS = List.of(
            new Fixed("keep_alive_timeout_ms", 10_000, "a PCIe drive is not kept alive"),
            new Fixed("arbitration_burst", 0, NO_WEIGHTS),
            new Fixed("low_priority_weight", 0, NO_WEIGHTS),
            new Fixed("medium_priority_weight", 0, NO_WEIGHTS),
            new Fixed("high_priority_weight", 0, NO_WEIGHTS),
            new Fixed("nvme_adminq_poll_period_us", 10_000, "a thread of its own waits for what a drive says"),
            new Fixed("nvme_ioq_poll_period_us", 0, "a reactor asks a drive in each of its turns"),
            new Fixed("transport_retry_count", 4, "bdev_retry_count says how often a command is tried again"),
            new Fixed("transport_ack_timeout", 0, NO_FABRICS),
            new Fixed("transport_tos", 0, NO_FABRICS),
            new Fixed("rdma_srq_size", 0, NO_FABRICS),
            new Fixed("rdma_max_cq_size", 0, NO_FABRICS),
            new Fixed("rdma_cm_event_timeout_ms", 0, NO_FABRICS),
            new Fixed("tcp_connect_timeout_ms", 0, NO_FABRICS));

    private static final String ACTION = "action_on_timeout";
    private static final String ABORT = "abort";
    private static final String NONE = "none";
    private static final List<String> TIMEOUTS = List.of("timeout_us", "timeout_admin_us");
    private static final String QUEUES = "num_io_queues";

    /**
     * A number that there is only one of here.
     *
     * @param why it is no other
     */
    private record Fixed(String name, int value, String why) {}

    private static final String DELAY = "delay_cmd_submit";
    private static final int MOST_QUEUES = 65_535;
    private static final String BATCHES = "commands that are there together are always submitted together";

    private NvmeForeignParams() {}

    /** Adds those of bdev_nvme_attach_controller. */
    static MethodSpec.Builder attachment(MethodSpec.Builder method) {
        method.optional("hostnqn", ParamType.string(), DEAF)
                .optional("fabrics_connect_timeout_us", ParamType.uint64(), DEAF)
                .optional(
                        "multipath",
                        ParamType.choice("disable", "failover", "multipath"),
                        "Any is right: " + ONE_PATH + ", and no other may have its name.")
                .optional(
                        QUEUES,
                        ParamType.integer(1, MOST_QUEUES),
                        "Most pairs of I/O queues: at least as many as there are reactors, each of which has its own.");
        return multipath(unwanted(fixed(method, NUMBERS), ATTACHMENT));
    }

    /**
     * Refuses what an attachment cannot have.
     *
     * @param reactors how many there are
     */
    static void checkAttachment(Params params, int reactors) {
        ATTACHMENT.forEach((name, why) -> Failures.refuse(params, name, why));
        OptionalInt queues = params.optionalInt(QUEUES);
        if (queues.isPresent() && queues.getAsInt() < reactors) {
            throw RpcException.invalidParams("parameter '" + QUEUES + "' must be at least " + reactors
                    + ": each reactor has a pair of queues of its own");
        }
    }

    /** Adds those of bdev_nvme_set_options. */
    static MethodSpec.Builder options(MethodSpec.Builder method) {
        method.param(ParamSpec.optional(DELAY, ParamType.bool(), true, "Must be true: " + BATCHES + "."));
        for (List<String> either : List.of(
                List.of(
                        "generate_uuids",
                        "a namespace without a UUID always has one that is made of what identifies it"),
                List.of("enable_flush", "FLUSH always reaches a drive that has a volatile write cache"))) {
            method.optional(either.getFirst(), ParamType.bool(), "Either is right: " + either.getLast() + ".");
        }
        method.optional(
                ACTION,
                ParamType.choice(NONE, "reset", ABORT),
                "Must be abort, or none where the time-outs are 0: a command that takes too long is always aborted first.");
        for (String list : List.of("dhchap_digests", "dhchap_dhgroups")) {
            method.optional(list, ParamType.arrayOf(ParamType.string()), DEAF);
        }
        return multipath(unwanted(fixed(fixed(method, NUMBERS), OPTION_NUMBERS), OPTIONS));
    }

    /** Refuses options that there are not. */
    static void checkOptions(Params params) {
        String action = params.optionalString(ACTION).orElse(ABORT);
        // As SPDK saves it if nobody has asked for anything.
        boolean unasked = action.equals(NONE) && TIMEOUTS.stream().allMatch(name -> params.integer(name) == 0);
        if (!action.equals(ABORT) && !unasked) {
            throw RpcException.invalidParams("parameter '" + ACTION + "' must be " + ABORT + ", or none where "
                    + String.join(" and ", TIMEOUTS) + " are 0: a command that takes too long is always aborted first");
        }
        Failures.insist(params, DELAY, true, BATCHES);
        OPTIONS.forEach((name, why) -> Failures.refuse(params, name, why));
    }

    private static MethodSpec.Builder fixed(MethodSpec.Builder method, List<Fixed> numbers) {
        for (Fixed number : numbers) {
            method.param(ParamSpec.optional(
                    number.name,
                    ParamType.integer(number.value, number.value),
                    number.value,
                    "Must be " + number.value + ": " + number.why + "."));
        }
        return method;
    }

    private static MethodSpec.Builder unwanted(MethodSpec.Builder method, Map<String, String> names) {
        names.forEach((name, why) ->
                method.param(ParamSpec.optional(name, ParamType.bool(), false, "Must be false: " + why + ".")));
        return method;
    }

    private static MethodSpec.Builder multipath(MethodSpec.Builder method) {
        return method.optional("multipath_opts", ParamType.object(), "Must be empty: " + ONE_PATH + ".");
    }
}
