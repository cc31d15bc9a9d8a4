package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.nvme.NvmeController;
import dev.ringside.bdev.nvme.NvmeMaintenance;
import dev.ringside.bdev.nvme.SanitizeAction;
import dev.ringside.bdev.nvme.SecureErase;
import dev.ringside.bdev.nvme.spec.ErrorLogEntry;
import dev.ringside.bdev.nvme.spec.Feature;
import dev.ringside.bdev.nvme.spec.FirmwareLog;
import dev.ringside.bdev.nvme.spec.SanitizeLog;
import dev.ringside.bdev.nvme.spec.StatusCode;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.NvmeControllers;
import dev.ringside.daemon.target.NvmeUpkeep;
import dev.ringside.env.linux.Errno;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.concurrent.Callable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is done to NVMe drives besides reading and writing: logs, features, formatting, sanitizing. */
final class NvmeUpkeepMethods {
    private static final long LONGEST_FORMAT_MS = 86_400_000;
    private static final int FORMAT_MS = 600_000;
    private static final long MAX_WORD = 0xffff_ffffL;
    private static final double PROGRESS_UNIT = 65_536;

    private final NvmeControllers controllers;
    private final NvmeUpkeep upkeep;

    NvmeUpkeepMethods(NvmeControllers controllers, Disks disks, ControlLock control) {
        this.controllers = controllers;
        this.upkeep = new NvmeUpkeep(controllers, disks, control);
    }

    void register(MethodRegistry registry) {
        registry.register(
                of("bdev_nvme_get_errors", "Asks a controller for the last errors that it remembers.")
                        .returns("[{count, sqid, cid, status, lba, nsid}]", "The newest first.")
                        .build(),
                Failures.mapped(this::errors));
        registry.register(
                of("bdev_nvme_get_firmware", "Asks a controller for the firmware that it has.")
                        .returns("{active_slot, next_slot, slots: [{slot, revision}]}", "The slots that are in use.")
                        .build(),
                Failures.mapped(this::firmware));
        registerFeatures(registry);
        registry.register(
                confirmed(of("bdev_nvme_format", "Formats a namespace of a controller. All data on it is lost."))
                        .required("nsid", ParamType.integer(1, MAX_WORD - 1), "Number of the namespace.")
                        .required("block_size", ParamType.integer(512, 65_536), "Bytes of a block from now on.")
                        .param(ParamSpec.optional(
                                "secure_erase",
                                EnumParam.choice(SecureErase.values()),
                                EnumParam.spelled(SecureErase.NONE),
                                "What happens to what was written."))
                        .param(ParamSpec.optional(
                                "timeout_ms",
                                ParamType.integer(1, LONGEST_FORMAT_MS),
                                FORMAT_MS,
                                "The controller is reset if it needs longer."))
                        .build(),
                Failures.mapped(this::format));
        registry.register(
                confirmed(of(
                                "bdev_nvme_sanitize",
                                "Begins to make impossible to recover what was ever written to a drive. Its disks come back"
                                        + " when that is done."))
                        .required("action", EnumParam.choice(SanitizeAction.values()), "How.")
                        .build(),
                Failures.mapped(this::sanitize));
        registry.register(
                of("bdev_nvme_get_sanitize_status", "Asks a drive how far it is with being sanitized.")
                        .returns("{status, progress_percentage}", "The last time that it was.")
                        .build(),
                Failures.mapped(this::sanitizeStatus));
    }

    private void registerFeatures(MethodRegistry registry) {
        registry.register(
                of("bdev_nvme_get_feature", "Asks a controller for the value of a feature.")
                        .required("feature", EnumParam.choice(Feature.values()), "The feature.")
                        .returns("{feature, value}", "The value, as Get Features returns it.")
                        .build(),
                Failures.mapped(this::getFeature));
        registry.register(
                of(
                                "bdev_nvme_set_feature",
                                "Gives a feature of a controller a value. volatile_write_cache is refused while a disk of the"
                                        + " controller is in use.")
                        .required("feature", EnumParam.choice(Feature.values()), "The feature.")
                        .required("value", ParamType.integer(0, MAX_WORD), "CDW11 of Set Features.")
                        .param(ParamSpec.optional(
                                "save", ParamType.bool(), false, "Whether it outlasts a reset of the drive."))
                        .build(),
                Failures.mapped(this::setFeature));
    }

    private static MethodSpec.Builder of(String method, String summary) {
        return MethodSpec.method(method, summary)
                .required("name", NvmeMethods.name(), "The controller.")
                .concurrent();
    }

    private static MethodSpec.Builder confirmed(MethodSpec.Builder method) {
        return method.required(
                "confirm", ParamType.string(1, 20), "The drive's serial number, to confirm that this drive is meant.");
    }

    private NvmeController controller(Params params) throws BdevException {
        return controllers.find(params.string("name"));
    }

    private JsonNode errors(Params params) throws Exception {
        ArrayNode result = Json.array();
        for (ErrorLogEntry error :
                NvmeMethods.done(controller(params).maintenance().errors())) {
            ObjectNode node = result.addObject();
            node.put("count", error.count());
            node.put("sqid", error.queue());
            node.put("cid", error.command());
            node.put("status", StatusCode.describe(error.status()));
            node.put("lba", error.lba());
            node.put("nsid", Integer.toUnsignedLong(error.nsid()));
        }
        return result;
    }

    private JsonNode firmware(Params params) throws Exception {
        FirmwareLog log = NvmeMethods.done(controller(params).maintenance().firmware());
        ObjectNode node = Json.object();
        node.put("active_slot", log.active());
        node.put("next_slot", log.next() == 0 ? log.active() : log.next());
        ArrayNode slots = node.putArray("slots");
        for (int i = 0; i < log.revisions().size(); i++) {
            if (!log.revisions().get(i).isEmpty()) {
                slots.addObject()
                        .put("slot", i + 1)
                        .put("revision", log.revisions().get(i));
            }
        }
        return node;
    }

    private JsonNode getFeature(Params params) throws Exception {
        Feature feature = EnumParam.of(Feature.class, params, "feature");
        int value = NvmeMethods.done(controller(params).maintenance().feature(feature));
        return Json.object().put("feature", EnumParam.spelled(feature)).put("value", Integer.toUnsignedLong(value));
    }

    private JsonNode setFeature(Params params) throws Exception {
        NvmeController controller = controller(params);
        Feature feature = EnumParam.of(Feature.class, params, "feature");
        int value = (int) params.integer("value");
        boolean save = params.bool("save");
        List<NvmeBdev> concerned = feature.changesDisks() ? controller.namespaces() : List.of();
        return withoutDisks(
                controller,
                concerned,
                () -> NvmeMethods.done(controller.maintenance().setFeature(feature, value, save)));
    }

    private JsonNode format(Params params) throws Exception {
        NvmeController controller = confirmed(params);
        NvmeMaintenance maintenance = controller.maintenance();
        int nsid = (int) params.integer("nsid");
        int blockSize = params.int32("block_size");
        SecureErase erase = EnumParam.of(SecureErase.class, params, "secure_erase");
        long limitMs = params.integer("timeout_ms");
        return withoutDisks(
                controller,
                maintenance.formatted(nsid, erase),
                () -> NvmeMethods.done(maintenance.format(nsid, blockSize, erase, limitMs)));
    }

    private JsonNode sanitize(Params params) throws Exception {
        NvmeController controller = confirmed(params);
        SanitizeAction action = EnumParam.of(SanitizeAction.class, params, "action");
        return withoutDisks(
                controller,
                controller.namespaces(),
                () -> NvmeMethods.done(controller.maintenance().sanitize(action)));
    }

    private JsonNode sanitizeStatus(Params params) throws Exception {
        SanitizeLog log = NvmeMethods.done(controller(params).maintenance().sanitizeStatus());
        ObjectNode node = Json.object().put("status", EnumParam.spelled(log.status()));
        return node.put("progress_percentage", Math.round(100 * (log.progress() + 1) / PROGRESS_UNIT));
    }

    /** The controller, if whoever asks for this knows which drive it is. */
    private NvmeController confirmed(Params params) throws BdevException {
        NvmeController controller = controller(params);
        String serial = controller.info().identity().sn();
        if (!params.string("confirm").equals(serial)) {
            throw new BdevException(
                    Errno.EPERM,
                    "data would be lost: parameter 'confirm' must be the drive's serial number, which is " + serial);
        }
        return controller;
    }

    private JsonNode withoutDisks(NvmeController controller, List<NvmeBdev> concerned, Callable<?> work)
            throws Exception {
        upkeep.withoutDisks(controller, concerned, work);
        return Json.done();
    }
}
