package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.qos.QosLimits;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.QosSettings;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Limits of disks, and of groups of disks. */
final class QosMethods {
    private static final String SET = "bdev_set_qos_limit";
    private static final String CREATE_GROUP = "bdev_qos_group_create";
    private static final String ADD_BDEV = "bdev_qos_group_add_bdev";
    private static final String UNCHANGED = "as before if absent";

    private final Disks disks;
    private final ControlLock control;

    QosMethods(Disks disks, ControlLock control) {
        this.disks = disks;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        MethodSpec.Builder set = MethodSpec.method(SET, "Limits what may be read from and written to a disk, at once.")
                .required("name", DiskParams.name(), "The disk, by its name or UUID.");
        registry.register(
                QosParams.declare(set, UNCHANGED).build(),
                Failures.mapped(params -> control.change(() -> set(params))));
        MethodSpec.Builder create =
                group(CREATE_GROUP, "Makes a group of disks that share one budget: the disks of a virtual machine.");
        registry.register(
                QosParams.declare(create, "no limit if absent").build(),
                Failures.mapped(params -> control.change(() -> createGroup(params))));
        MethodSpec.Builder limit = group("bdev_qos_group_set_limit", "Changes the limits of a group, at once.");
        registry.register(
                QosParams.declare(limit, UNCHANGED).build(),
                Failures.mapped(params -> control.change(() -> limitGroup(params))));
        registry.register(
                member(ADD_BDEV, "Puts a disk in a group; its own limits hold as well."),
                Failures.mapped(params -> control.change(() -> {
                    disks.qos().join(params.string("name"), disk(params, "bdev_name"));
                    return Json.done();
                })));
        registry.register(
                member("bdev_qos_group_remove_bdev", "Takes a disk out of a group."),
                Failures.mapped(params -> control.change(() -> {
                    disks.qos().leave(params.string("name"), disk(params, "bdev_name"));
                    return Json.done();
                })));
        registry.register(
                group("bdev_qos_group_delete", "Deletes a group; its disks stay, without its limits.")
                        .build(),
                Failures.mapped(params -> control.change(() -> {
                    disks.qos().removeGroup(params.string("name"));
                    return Json.done();
                })));
        registry.register(
                MethodSpec.method("bdev_qos_group_get_groups", "Describes all groups, or one.")
                        .optional("name", DiskParams.name(), "The group; all if absent.")
                        .returns(
                                "[{name, rw_ios_per_sec, rw_mbytes_per_sec, r_mbytes_per_sec, w_mbytes_per_sec,"
                                        + " rw_ios_burst, rw_mbytes_burst, r_mbytes_burst, w_mbytes_burst, bdevs[]}]",
                                "The groups, in the order in which they were made.")
                        .build(),
                Failures.mapped(this::groups));
    }

    private static MethodSpec.Builder group(String method, String summary) {
        return MethodSpec.method(method, summary).required("name", DiskParams.name(), "Name of the group.");
    }

    private static MethodSpec member(String method, String summary) {
        return group(method, summary)
                .required("bdev_name", DiskParams.name(), "The disk, by its name or UUID.")
                .build();
    }

    /** The calls that set all limits again; the disks are there. */
    void config(ArrayNode calls) {
        QosSettings qos = disks.qos();
        ConfigCalls.names(disks).forEach(name -> {
            QosLimits limits = qos.limits(name);
            if (!limits.isNone()) {
                QosParams.put(call(calls, SET, name), limits);
            }
        });
        for (QosSettings.Group group : qos.groups()) {
            QosParams.put(call(calls, CREATE_GROUP, group.name()), group.limits());
            group.members()
                    .forEach(member -> call(calls, ADD_BDEV, group.name()).put("bdev_name", member));
        }
    }

    private static ObjectNode call(ArrayNode calls, String method, String name) {
        ObjectNode params = ConfigCalls.add(calls, method);
        params.put("name", name);
        return params;
    }

    private JsonNode set(Params params) throws BdevException {
        requireLimit(params);
        String disk = disk(params, "name");
        disks.qos().limit(disk, QosParams.changed(disks.qos().limits(disk), params));
        return Json.done();
    }

    private JsonNode createGroup(Params params) throws BdevException {
        disks.qos().addGroup(params.string("name"), QosParams.changed(QosLimits.NONE, params));
        return Json.done();
    }

    private JsonNode limitGroup(Params params) throws BdevException {
        requireLimit(params);
        QosSettings.Group group = disks.qos().group(params.string("name"));
        disks.qos().limitGroup(group.name(), QosParams.changed(group.limits(), params));
        return Json.done();
    }

    private JsonNode groups(Params params) throws BdevException {
        Optional<String> name = params.optionalString("name");
        List<QosSettings.Group> groups = name.isPresent()
                ? List.of(disks.qos().group(name.get()))
                : disks.qos().groups();
        ArrayNode result = Json.array();
        for (QosSettings.Group group : groups) {
            ObjectNode node = result.addObject();
            node.put("name", group.name());
            QosParams.put(node, group.limits());
            ArrayNode members = node.putArray("bdevs");
            group.members().forEach(members::add);
        }
        return result;
    }

    private static void requireLimit(Params params) {
        if (!QosParams.anyGiven(params)) {
            throw RpcException.invalidParams("no limit is given; at least one is needed, and 0 takes one away");
        }
    }

    private String disk(Params params, String key) throws BdevException {
        return disks.registry().find(params.string(key)).info().name();
    }
}
