package dev.ringside.daemon.rpc;

import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The switches that SPDK's client sends with every call, whether its user has asked for them or not. What is so here in any
 * case may be said; anything else is refused.
 */
final class NvmeForeignParams {
    private static final String NO_PROTECTION = "namespaces with protection information are refused here";
    private static final String NO_FABRICS = "there is no NVMe over TCP here";
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
            "nvme_error_stat",
            "errors are always counted, see bdev_nvme_get_controllers",
            "allow_accel_sequence",
            "there is nothing that requests could be accelerated by"));

    private static final String DELAY = "delay_cmd_submit";
    private static final String BATCHES = "commands that are there together are always submitted together";

    private NvmeForeignParams() {}

    /** Adds those of bdev_nvme_attach_controller. */
    static MethodSpec.Builder attachment(MethodSpec.Builder method) {
        return multipath(unwanted(method, ATTACHMENT));
    }

    /** Refuses what an attachment cannot have. */
    static void checkAttachment(Params params) {
        ATTACHMENT.forEach((name, why) -> Failures.refuse(params, name, why));
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
        return multipath(unwanted(method, OPTIONS));
    }

    /** Refuses options that there are not. */
    static void checkOptions(Params params) {
        Failures.insist(params, DELAY, true, BATCHES);
        OPTIONS.forEach((name, why) -> Failures.refuse(params, name, why));
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
