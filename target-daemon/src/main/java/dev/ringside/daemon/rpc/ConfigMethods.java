package dev.ringside.daemon.rpc;

import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disk;
import dev.ringside.daemon.target.DiskKind;
import dev.ringside.daemon.target.Disks;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Quoted;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.blk.BlkDevice;
import dev.ringside.vhost.scsi.ScsiDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the target is made of now, as the calls that make it again. */
final class ConfigMethods {
    private final Disks disks;
    private final NvmeMethods nvme;
    private final ScsiHostMethods scsiHosts;
    private final QosMethods qos;
    private final Controllers controllers;
    private final ScsiMethods scsi;
    private final LatencyMethods latency;

    ConfigMethods(
            Disks disks,
            NvmeMethods nvme,
            ScsiHostMethods scsiHosts,
            QosMethods qos,
            Controllers controllers,
            ScsiMethods scsi,
            LatencyMethods latency) {
        this.disks = disks;
        this.nvme = nvme;
        this.scsiHosts = scsiHosts;
        this.qos = qos;
        this.controllers = controllers;
        this.scsi = scsi;
        this.latency = latency;
    }

    /** The subsystems, each behind those that it stands on. */
    private enum Subsystem {
        BDEV("bdev"),
        VHOST_BLK("vhost_blk"),
        VHOST_SCSI("vhost_scsi");

        private final String text;

        Subsystem(String text) {
            this.text = text;
        }

        List<Subsystem> dependencies() {
            return switch (this) {
                case BDEV -> List.of();
                case VHOST_BLK, VHOST_SCSI -> List.of(BDEV);
            };
        }

        static Optional<Subsystem> named(String name) {
            return Arrays.stream(values()).filter(s -> s.text.equals(name)).findFirst();
        }
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method(
                                "framework_get_subsystems",
                                "Lists the subsystems, each behind those that it depends on.")
                        .returns("[{subsystem, depends_on[]}]", "The names of the subsystems.")
                        .build(),
                params -> subsystems());
        registry.register(
                MethodSpec.method("framework_get_config", "Gives the calls that make a subsystem again as it is now.")
                        .required("name", ParamType.string(1, 255), "The subsystem.")
                        .param(ParamSpec.optional(
                                "with_batches",
                                ParamType.bool(),
                                false,
                                "Whether calls may be grouped in arrays; no call of ours ever has to be."))
                        .returns("[{method, params}]", "The calls, in the order in which they are to be made.")
                        .build(),
                this::config);
    }

    private static JsonNode subsystems() {
        ArrayNode result = Json.array();
        for (Subsystem subsystem : Subsystem.values()) {
            ObjectNode node = result.addObject();
            node.put("subsystem", subsystem.text);
            ArrayNode dependsOn = node.putArray("depends_on");
            subsystem.dependencies().forEach(dependency -> dependsOn.add(dependency.text));
        }
        return result;
    }

    private JsonNode config(Params params) {
        String name = params.string("name");
        Subsystem subsystem = Subsystem.named(name)
                .orElseThrow(() -> RpcException.invalidParams("there is no subsystem " + Quoted.text(name)
                        + ", there is "
                        + Arrays.stream(Subsystem.values()).map(s -> s.text).collect(Collectors.joining(", "))));
        ArrayNode calls = Json.array();
        switch (subsystem) {
            case BDEV -> {
                nvme.config(calls);
                scsiHosts.config(calls);
                disks.list().stream()
                        .filter(disk -> disk.kind() != DiskKind.NVME)
                        .map(ConfigMethods::creation)
                        // One call may have made several disks.
                        .distinct()
                        .forEach(calls::add);
                qos.config(calls);
                latency.config(calls);
            }
            case VHOST_BLK, VHOST_SCSI ->
                controllers.target().controllers().forEach(controller -> add(calls, controller, subsystem));
        }
        return calls;
    }

    private static ObjectNode creation(Disk disk) {
        ObjectNode call = Json.object();
        call.put("method", disk.kind().createMethod());
        call.set("params", disk.params().deepCopy());
        return call;
    }

    private void add(ArrayNode calls, VhostController controller, Subsystem subsystem) {
        switch (controller.device()) {
            case BlkDevice blk -> {
                if (subsystem == Subsystem.VHOST_BLK) {
                    add(calls, controller, blk);
                }
            }
            case ScsiDevice device -> {
                if (subsystem == Subsystem.VHOST_SCSI) {
                    scsi.config(calls, controller, device);
                    VhostMethods.configCoalescing(calls, controller);
                }
            }
        }
    }

    private void add(ArrayNode calls, VhostController controller, BlkDevice device) {
        String bdev = device.info().name();
        if (disks.made(bdev).isEmpty()) {
            // Its bdev is gone; there is no call that makes a controller without one.
            return;
        }
        ObjectNode params = ConfigCalls.add(calls, VhostMethods.CREATE_BLK);
        params.put("ctrlr", controller.name());
        params.put("dev_name", bdev);
        params.put("cpumask", controller.cpus().toMask());
        params.put("readonly", device.readOnly());
        BlkParams.put(params, device.settings());
        params.put("transport", VhostMethods.TRANSPORT);
        VhostMethods.configCoalescing(calls, controller);
    }
}
