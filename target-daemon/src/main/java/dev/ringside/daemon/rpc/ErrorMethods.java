package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultAction;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.bdev.stacked.StackedBdev;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disk;
import dev.ringside.daemon.target.DiskKind;
import dev.ringside.daemon.target.Disks;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Disks that are all of another disk, and fail when they are told to. The errors themselves are not in the configuration. */
final class ErrorMethods {
    private static final String ALL = "all";
    private static final String CLEAR = "clear";
    private static final Set<IoType> TYPES = EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.UNMAP);

    private final Disks disks;
    private final ControlLock control;

    ErrorMethods(Disks disks, ControlLock control) {
        this.disks = disks;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        MethodSpec.Builder create = MethodSpec.method(
                        "bdev_error_create",
                        "Makes a disk, EE_ and the name of another one, that passes all requests on to that one, or has"
                                + " errors that are injected.")
                .required("base_name", DiskParams.name(), "The other disk, by its name or UUID.");
        DiskParams.uuid(create, DiskParams.OF_BASE);
        registry.register(create.build(), Failures.mapped(params -> control.change(() -> create(params))));
        registry.register(injection(), Failures.mapped(params -> control.change(() -> inject(params))));
        DiskParams.deletable(
                registry,
                "bdev_error_delete",
                "an error disk; its base stays",
                params -> control.change(() -> disks.remove(DiskKind.ERROR, params.string("name"))));
    }

    private static MethodSpec injection() {
        return MethodSpec.method(
                        "bdev_error_inject_error",
                        "Has the next requests of an error disk fail; replaces what was injected for their type.")
                .required("name", DiskParams.name(), "The disk, by its name or UUID.")
                .required(
                        "io_type",
                        ParamType.choice("read", "write", "flush", "unmap", ALL, CLEAR),
                        "Which requests; clear takes all errors away, and lets pending requests go on.")
                .required(
                        "error_type",
                        ParamType.choice("failure", "pending", "corrupt_data", "nomem"),
                        "They fail; are held until a reset; have a byte changed; find no room for now.")
                .param(ParamSpec.optional("num", ParamType.uint32(), 1, "How many requests of each type."))
                .param(ParamSpec.optional(
                        "queue_depth",
                        ParamType.integer(0, Integer.MAX_VALUE - 1),
                        0,
                        "Only while a user has at least this many others in flight."))
                .param(ParamSpec.optional(
                        "corrupt_offset", ParamType.uint32(), 0, "Which byte of a request's data is changed."))
                .param(ParamSpec.optional(
                        "corrupt_value",
                        ParamType.integer(0, 255),
                        0,
                        "What the byte is XORed with; not 0 for corrupt_data."))
                .build();
    }

    private JsonNode create(Params params) throws BdevException {
        BdevInfo info = disks.registry().find(params.string("base_name")).info();
        String base = info.name();
        String name = "EE_" + base;
        UUID uuid = DiskParams.uuid(params, name, info);
        StackedBdev bdev = StackedBdev.over(
                disks.registry(), base, new StackedBdev.Identity(name, uuid, "Error Injection Disk"), new FaultPoint());
        ObjectNode again = Json.object();
        again.put("base_name", base);
        again.put("uuid", uuid.toString());
        disks.add(new Disk(DiskKind.ERROR, bdev, again));
        return Json.done();
    }

    private JsonNode inject(Params params) throws BdevException {
        Disk disk = disks.find(DiskKind.ERROR, params.string("name"));
        if (!(disk.bdev() instanceof StackedBdev bdev)) {
            throw new IllegalStateException(disk.kind() + " is " + disk.bdev());
        }
        FaultPoint point = bdev.faults().orElseThrow();
        Set<IoType> types = types(params.string("io_type"));
        FaultAction action = action(params);
        List<LiveFault> faults = new ArrayList<>(point.faults());
        faults.removeIf(
                live -> types.isEmpty() || types.containsAll(live.fault().types()));
        long count = params.integer("num");
        if (count > 0) {
            for (IoType type : types) {
                Fault fault = new Fault(
                        Set.of(type),
                        0,
                        Long.MAX_VALUE,
                        1,
                        count,
                        params.int32("queue_depth"),
                        0,
                        Fault.ENDLESS,
                        action);
                faults.add(new LiveFault(fault, 0, System.nanoTime()));
            }
        }
        point.set(faults);
        return Json.done();
    }

    /** The types that are meant; none: take all errors away. */
    private static Set<IoType> types(String name) {
        return switch (name) {
            case ALL -> TYPES;
            case CLEAR -> Set.of();
            default -> Set.of(EnumParam.of(IoType.class, name));
        };
    }

    private static FaultAction action(Params params) {
        return switch (params.string("error_type")) {
            case "pending" -> new FaultAction.Stick();
            case "nomem" -> new FaultAction.NoMemory();
            case "corrupt_data" -> {
                int mask = params.int32("corrupt_value");
                if (mask == 0) {
                    throw RpcException.invalidParams("parameter 'corrupt_value' must be 1 to 255 for corrupt_data");
                }
                yield new FaultAction.Corrupt(params.integer("corrupt_offset"), mask);
            }
            default -> new FaultAction.Fail(IoStatus.IO_ERROR);
        };
    }
}
