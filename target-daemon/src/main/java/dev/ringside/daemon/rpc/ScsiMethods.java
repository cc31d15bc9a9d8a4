package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodHandler;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.scsi.ScsiDevice;
import dev.ringside.vhost.scsi.unit.Naming;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** SCSI controllers, their targets and logical units. */
final class ScsiMethods {
    /** The method that makes a controller. */
    static final String CREATE = "vhost_create_scsi_controller";

    /** The method that adds a target, or a logical unit to one. */
    static final String ADD_TARGET = "vhost_scsi_controller_add_target";

    private static final int MAX_TARGET = 255;
    private static final int MAX_LUN = 16_383;

    private final Reactors reactors;
    private final Disks disks;
    private final Controllers controllers;
    private final ControlLock control;

    ScsiMethods(Reactors reactors, Disks disks, Controllers controllers, ControlLock control) {
        this.reactors = reactors;
        this.disks = disks;
        this.controllers = controllers;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        registry.register(
                ControllerParams.cpus(ControllerParams.creation(MethodSpec.method(
                                CREATE, "Makes a controller with a SCSI host device that has no targets yet.")))
                        .param(ParamSpec.optional(
                                "delay",
                                ParamType.bool(),
                                false,
                                "Whether guests can connect only after vhost_start_scsi_controller."))
                        .build(),
                changed(this::create));
        registry.register(
                MethodSpec.method(
                                "vhost_start_scsi_controller",
                                "Lets guests connect to a controller that was made with a delay.")
                        .required("ctrlr", ControllerParams.name(), "The controller.")
                        .build(),
                changed(this::start));
        registry.register(addTarget(), changed(this::add));
        registry.register(
                MethodSpec.method(
                                "vhost_scsi_controller_remove_target",
                                "Takes a target away from the guests; what they have in flight ends as it would.")
                        .required("ctrlr", ControllerParams.name(), "The controller.")
                        .required("scsi_target_num", ParamType.integer(0, MAX_TARGET), "The target.")
                        .optional(
                                "lun",
                                ParamType.integer(0, MAX_LUN),
                                "Only this logical unit of it; all if absent. Not one of SPDK's.")
                        .build(),
                changed(this::remove));
        registry.register(
                MethodSpec.method("scsi_get_devices", "Lists the SCSI targets of all controllers.")
                        .returns("[{id, device_name}]", "The targets, numbered from 0.")
                        .build(),
                params -> devices());
    }

    private static MethodSpec addTarget() {
        return MethodSpec.method(
                        ADD_TARGET,
                        "Adds a SCSI target with a disk to a controller, or another disk to a target; guests see it at"
                                + " once. Disks of the same bdev, wherever they are, are one logical unit: reservations are"
                                + " shared.")
                .required("ctrlr", ControllerParams.name(), "The controller.")
                .required(
                        "scsi_target_num", ParamType.integer(-1, MAX_TARGET), "The target; -1: the first that is free.")
                .required("bdev_name", DiskParams.name(), "The disk, by its name or UUID.")
                .param(ParamSpec.optional(
                        "lun",
                        ParamType.integer(0, MAX_LUN),
                        0,
                        "Number of the logical unit in the target. Not one of SPDK's."))
                .optional("vendor", text(8), "T10 vendor identification; RINGSIDE if absent. Not one of SPDK's.")
                .optional("product", text(16), "Product; the bdev's product name if absent. Not one of SPDK's.")
                .optional("revision", text(4), "Revision; 0001 if absent. Not one of SPDK's.")
                .optional(
                        "serial",
                        text(Naming.MAX_SERIAL),
                        "Serial number; the bdev's UUID if absent. Not one of SPDK's.")
                .returns("number", "The target.")
                .build();
    }

    private static ParamType text(int longest) {
        return ParamType.string("[ -~]{1," + longest + "}", "1 to " + longest + " printable ASCII characters");
    }

    private MethodHandler changed(MethodHandler handler) {
        return Failures.mapped(params -> control.change(() -> handler.call(params)));
    }

    private JsonNode create(Params params) throws VhostException {
        controllers
                .target()
                .createScsi(params.string("ctrlr"), ControllerParams.cpus(params, reactors), params.bool("delay"));
        return Json.done();
    }

    private JsonNode start(Params params) throws VhostException {
        controllers.target().startScsi(params.string("ctrlr"));
        return Json.done();
    }

    private JsonNode add(Params params) throws VhostException {
        ScsiDevice device = controllers.target().scsi(params.string("ctrlr"));
        Naming naming = new Naming(
                params.optionalString("vendor"),
                params.optionalString("product"),
                params.optionalString("revision"),
                params.optionalString("serial"));
        try {
            return JsonNodeFactory.instance.numberNode(device.add(
                    params.int32("scsi_target_num"),
                    params.int32("lun"),
                    disks.registry(),
                    params.string("bdev_name"),
                    naming));
        } catch (BdevException e) {
            throw new VhostException(e.errno(), e);
        }
    }

    private JsonNode remove(Params params) throws VhostException {
        ScsiDevice device = controllers.target().scsi(params.string("ctrlr"));
        int target = params.int32("scsi_target_num");
        OptionalInt lun = params.optionalInt("lun");
        try {
            if (lun.isPresent()) {
                device.remove(target, lun.getAsInt());
            } else {
                device.remove(target);
            }
        } catch (BdevException e) {
            throw new VhostException(e.errno(), e);
        }
        return Json.done();
    }

    private JsonNode devices() {
        ArrayNode result = Json.array();
        for (VhostController controller : controllers.target().controllers()) {
            if (controller.device() instanceof ScsiDevice device) {
                device.targets().forEach((target, luns) -> {
                    ObjectNode node = result.addObject();
                    node.put("id", result.size() - 1);
                    node.put("device_name", name(target));
                });
            }
        }
        return result;
    }

    /** What vhost_get_controllers tells of a SCSI controller. */
    static void describe(ArrayNode node, ScsiDevice device) {
        device.targets().forEach((target, luns) -> {
            ObjectNode one = node.addObject();
            one.put("scsi_dev_num", target);
            one.put("id", target);
            one.put("target_name", name(target));
            ArrayNode units = one.putArray("luns");
            for (ScsiDevice.Lun lun : luns) {
                ObjectNode unit = units.addObject();
                unit.put("id", lun.number());
                unit.put("bdev_name", lun.unit().name());
            }
        });
    }

    /** The calls that make a controller again as it is now. */
    void config(ArrayNode calls, VhostController controller, ScsiDevice device) {
        ObjectNode params = ConfigCalls.add(calls, CREATE);
        params.put("ctrlr", controller.name());
        params.put("cpumask", controller.cpus().toMask());
        params.put("delay", !controller.listens());
        device.targets().forEach((target, luns) -> luns.forEach(lun -> config(calls, controller, lun)));
    }

    private void config(ArrayNode calls, VhostController controller, ScsiDevice.Lun lun) {
        if (disks.made(lun.unit().name()).isEmpty()) {
            return;
        }
        ObjectNode params = ConfigCalls.add(calls, ADD_TARGET);
        params.put("ctrlr", controller.name());
        params.put("scsi_target_num", lun.target());
        params.put("bdev_name", lun.unit().name());
        params.put("lun", lun.number());
        Naming naming = lun.unit().naming();
        List<String> keys = List.of("vendor", "product", "revision", "serial");
        List<Optional<String>> values = List.of(naming.vendor(), naming.product(), naming.revision(), naming.serial());
        for (int i = 0; i < keys.size(); i++) {
            String key = keys.get(i);
            values.get(i).ifPresent(value -> params.put(key, value));
        }
    }

    private static String name(int target) {
        return "Target " + target;
    }
}
