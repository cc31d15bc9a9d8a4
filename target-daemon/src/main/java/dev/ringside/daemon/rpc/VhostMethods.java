package dev.ringside.daemon.rpc;

import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.SessionStatus;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.blk.BlkDevice;
import dev.ringside.vhost.scsi.ScsiDevice;
import dev.ringside.vhost.session.CallPace;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** vhost-user controllers: where guests find their disks. */
final class VhostMethods {
    /** The method that makes a controller with a virtio-blk device. */
    static final String CREATE_BLK = "vhost_create_blk_controller";

    /** The method that has calls to guests held back. */
    static final String SET_COALESCING = "vhost_controller_set_coalescing";

    /** The only transport for virtio-blk devices. */
    static final String TRANSPORT = "vhost_user_blk";

    private final Reactors reactors;
    private final Disks disks;
    private final Controllers controllers;
    private final ControlLock control;

    VhostMethods(Reactors reactors, Disks disks, Controllers controllers, ControlLock control) {
        this.reactors = reactors;
        this.disks = disks;
        this.controllers = controllers;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        registry.register(blkCreation(), Failures.mapped(params -> control.change(() -> createBlk(params))));
        registry.register(
                MethodSpec.method("vhost_get_controllers", "Describes all controllers, or one.")
                        .optional("name", ControllerParams.name(), "The controller; all if absent.")
                        .returns(
                                "[{ctrlr, cpumask, delay_base_us, iops_threshold, socket, sessions[{vid, id, name, started,"
                                        + " max_queues, inflight_task_cnt}], backend_specific{block{readonly, bdev,"
                                        + " transport}} or {scsi[{scsi_dev_num, id, target_name, luns[{id, bdev_name}]}]},"
                                        + " error_counters{}}]",
                                "The controllers, in the order in which they were made; a session is a connected guest,"
                                        + " error_counters tell what guests did wrong.")
                        .build(),
                Failures.mapped(this::list));
        registry.register(
                MethodSpec.method(
                                "vhost_delete_controller",
                                "Deletes a controller and its socket; at once an error, -16, if a guest is connected.")
                        .required("ctrlr", ControllerParams.name(), "The controller.")
                        .build(),
                Failures.mappedDeletion(params -> control.change(() -> delete(params))));
        registry.register(
                MethodSpec.method(
                                "vhost_controller_swap_bdev",
                                "Puts another disk of the same geometry behind a controller while guests use it; what they"
                                        + " have in flight ends on the old one. Not one of SPDK's.")
                        .required("ctrlr", ControllerParams.name(), "The controller.")
                        .required("dev_name", DiskParams.name(), "The disk, by its name or UUID.")
                        .build(),
                Failures.mapped(params -> control.change(() -> swap(params))));
        registry.register(coalescing(), Failures.mapped(params -> control.change(() -> coalesce(params))));
        registerTransports(registry);
    }

    private static MethodSpec coalescing() {
        return MethodSpec.method(
                        SET_COALESCING,
                        "Holds the calls to guests back that complete many requests. A queue that completes more than"
                                + " iops_threshold calls its guest at most once in delay_base_us times the excess over the"
                                + " threshold, and at least every " + CallPace.MOST_DELAY_US / 1000 + " ms.")
                .required("ctrlr", ControllerParams.name(), "The controller.")
                .required(
                        "delay_base_us",
                        ParamType.integer(0, CallPace.MOST_DELAY_US),
                        "The delay in µs at twice the threshold; 0: calls are not held back.")
                .required(
                        "iops_threshold",
                        ParamType.integer(0, Integer.MAX_VALUE),
                        "Requests a second on a queue; at least " + CallPace.LEAST_IOPS + " if there is a delay.")
                .build();
    }

    private static MethodSpec blkCreation() {
        MethodSpec.Builder method = MethodSpec.method(
                        CREATE_BLK, "Makes a controller with a virtio-blk device over a disk, and its socket.")
                .required(
                        "ctrlr",
                        ControllerParams.name(),
                        "Name of the controller, and of its socket in the vhost directory.")
                .required("dev_name", DiskParams.name(), "The disk, by its name or UUID.");
        return BlkParams.describe(ControllerParams.cpus(method))
                .param(ParamSpec.optional("transport", ParamType.choice(TRANSPORT), TRANSPORT, "How guests reach it."))
                .build();
    }

    private void registerTransports(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("virtio_blk_get_transports", "Lists the transports for virtio-blk devices, or one.")
                        .optional("name", ParamType.string(), "The transport; all if absent.")
                        .returns("[{name}]", "The transports.")
                        .build(),
                params -> transports(params));
        registry.register(
                MethodSpec.method(
                                "virtio_blk_create_transport",
                                "Makes a transport for virtio-blk devices; the only one, " + TRANSPORT
                                        + ", is always there already.")
                        .required("name", ParamType.string(), "The transport.")
                        .build(),
                Failures.mapped(VhostMethods::createTransport));
    }

    private JsonNode createBlk(Params params) throws VhostException {
        controllers
                .target()
                .createBlk(
                        params.string("ctrlr"),
                        disks.registry(),
                        params.string("dev_name"),
                        BlkParams.settings(params),
                        ControllerParams.cpus(params, reactors));
        return Json.done();
    }

    private JsonNode list(Params params) throws VhostException {
        Optional<String> name = params.optionalString("name");
        List<VhostController> chosen = name.isPresent()
                ? List.of(controllers.target().find(name.get()))
                : controllers.target().controllers();
        ArrayNode result = Json.array();
        chosen.forEach(controller -> describe(result.addObject(), controller));
        return result;
    }

    private void describe(ObjectNode node, VhostController controller) {
        node.put("ctrlr", controller.name());
        node.put("cpumask", controller.cpus().toMask());
        putCoalescing(node, controller.pace().setting());
        node.put("socket", controller.socket().toString());
        ArrayNode sessions = node.putArray("sessions");
        for (SessionStatus status : controller.sessions()) {
            ObjectNode session = sessions.addObject();
            session.put("vid", status.vid());
            session.put("id", status.id());
            session.put("name", status.name());
            session.put("started", status.started());
            session.put("max_queues", status.maxQueues());
            session.put("inflight_task_cnt", status.inFlight());
        }
        ObjectNode specific = node.putObject("backend_specific");
        switch (controller.device()) {
            case BlkDevice blk -> describe(specific.putObject("block"), blk);
            case ScsiDevice scsi -> ScsiMethods.describe(specific.putArray("scsi"), scsi);
        }
        ObjectNode errors = node.putObject("error_counters");
        new TreeMap<>(controller.counters()).forEach(errors::put);
    }

    private static void putCoalescing(ObjectNode node, CallPace.Setting setting) {
        node.put("delay_base_us", setting.delayBaseUs());
        node.put("iops_threshold", setting.iopsThreshold());
    }

    /** The call that has a controller's calls held back again, if they are. */
    static void configCoalescing(ArrayNode calls, VhostController controller) {
        CallPace.Setting setting = controller.pace().setting();
        if (setting.delayBaseUs() > 0) {
            ObjectNode params = ConfigCalls.add(calls, SET_COALESCING);
            params.put("ctrlr", controller.name());
            putCoalescing(params, setting);
        }
    }

    private void describe(ObjectNode block, BlkDevice device) {
        block.put("readonly", device.readOnly());
        String bdev = device.info().name();
        if (disks.made(bdev).isPresent()) {
            block.put("bdev", bdev);
        } else {
            block.putNull("bdev");
        }
        block.put("transport", TRANSPORT);
    }

    private JsonNode delete(Params params) throws VhostException {
        controllers.target().delete(params.string("ctrlr"));
        return Json.done();
    }

    private JsonNode swap(Params params) throws VhostException {
        controllers.target().find(params.string("ctrlr")).swapBdev(disks.registry(), params.string("dev_name"));
        return Json.done();
    }

    private JsonNode coalesce(Params params) throws VhostException {
        CallPace pace = controllers.target().find(params.string("ctrlr")).pace();
        CallPace.Setting setting = new CallPace.Setting(params.int32("delay_base_us"), params.int32("iops_threshold"));
        if (setting.delayBaseUs() > 0 && setting.iopsThreshold() < CallPace.LEAST_IOPS) {
            throw new VhostException(
                    Errno.EINVAL, "iops_threshold " + setting.iopsThreshold() + ": at least " + CallPace.LEAST_IOPS);
        }
        pace.set(setting);
        return Json.done();
    }

    private static JsonNode transports(Params params) {
        if (!params.optionalString("name").orElse(TRANSPORT).equals(TRANSPORT)) {
            throw RpcException.errno(Errno.ENODEV, "there is no transport but " + TRANSPORT);
        }
        ArrayNode result = Json.array();
        result.addObject().put("name", TRANSPORT);
        return result;
    }

    private static JsonNode createTransport(Params params) throws VhostException {
        if (params.string("name").equals(TRANSPORT)) {
            throw new VhostException(Errno.EEXIST, "transport " + TRANSPORT + " is always there");
        }
        throw new VhostException(Errno.ENODEV, "there is no transport but " + TRANSPORT);
    }
}
