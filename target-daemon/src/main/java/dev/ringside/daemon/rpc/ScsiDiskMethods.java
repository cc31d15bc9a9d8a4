package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.ScsiHosts;
import dev.ringside.daemon.target.ScsiParts;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Disks behind SCSI hosts, and the bdevs that are parts of them. */
final class ScsiDiskMethods {
    private final ScsiHosts hosts;
    private final ControlLock control;

    ScsiDiskMethods(ScsiHosts hosts, ControlLock control) {
        this.hosts = hosts;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("scsi_get_disks", "Describes all disks behind SCSI hosts, or one.")
                        .optional(
                                "name", DiskParams.name(), "The disk, such as sda, or its stable name; all if absent.")
                        .returns(
                                "[{name, stable_name, host, address, transport, location, link{}, missing, vendor, product,"
                                        + " serial_number, block_size, num_blocks, rotation_rate, bdevs[], ...}]",
                                "The disks, in the order in which they were found.")
                        .build(),
                Failures.mapped(this::list));
        registry.register(
                MethodSpec.method(
                                "bdev_scsi_create",
                                "Makes a bdev of a disk behind a SCSI host, or of a part of one. Several can share a disk, but"
                                        + " no block. If the disk goes, the bdev comes back with it.")
                        .required("name", DiskParams.name(), "Name of the bdev.")
                        .required("device", DiskParams.name(), "The disk, such as sda, or its stable name.")
                        .optional("size", size(), "Its size, such as 400G; to the end of the disk if absent.")
                        .optional("offset", size(), "Where it begins in the disk, such as 400G; 0 if absent.")
                        .param(
                                ParamSpec.optional(
                                        "wait",
                                        ParamType.bool(),
                                        false,
                                        "Whether it is made when its disk comes, if that is not there; the disk is known by its stable name then."))
                        .returns("name", "The name of the bdev.")
                        .build(),
                Failures.mapped(params -> control.change(() -> create(params))));
        registry.register(
                DiskParams.deletion("bdev_scsi_delete", "a bdev that is a part of a SCSI disk"),
                Failures.mapped(params -> {
                    control.change(() -> hosts.parts().delete(params.string("name")))
                            .join();
                    return Json.done();
                }));
    }

    private static ParamType size() {
        return ParamType.string(ByteSize.FORM, "a size such as 400G");
    }

    private JsonNode list(Params params) throws BdevException {
        Optional<String> name = params.optionalString("name");
        List<ScsiDisk> wanted = name.isPresent() ? List.of(hosts.disk(name.get())) : hosts.allDisks();
        ArrayNode result = Json.array();
        wanted.forEach(disk -> ScsiJson.disk(result.addObject(), disk));
        return result;
    }

    private JsonNode create(Params params) throws BdevException {
        Optional<String> size = params.optionalString("size");
        long bytes = size.isPresent() ? ByteSize.parse("size", size.get()) : 0;
        if (size.isPresent() && bytes == 0) {
            throw RpcException.invalidParams("parameter 'size' must be more than 0");
        }
        Optional<String> offset = params.optionalString("offset");
        String name = params.string("name");
        hosts.parts()
                .create(new ScsiParts.Part(
                        name,
                        params.string("device"),
                        offset.isPresent() ? ByteSize.parse("offset", offset.get()) : 0,
                        bytes,
                        params.bool("wait")));
        return Json.string(name);
    }
}
