package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.bdev.stacked.DelayLatencies;
import dev.ringside.bdev.stacked.StackedBdev;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disk;
import dev.ringside.daemon.target.DiskKind;
import dev.ringside.daemon.target.Disks;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Disks that are all of another disk, but slower. */
final class DelayMethods {
    static final List<String> LATENCIES =
            List.of("avg_read_latency", "p99_read_latency", "avg_write_latency", "p99_write_latency");

    private static final String SUFFIX = "_latency";
    private static final long NS_PER_US = 1_000;
    private static final ParamType LATENCY = ParamType.integer(0, 3_600_000_000L);

    private final Disks disks;
    private final ControlLock control;

    DelayMethods(Disks disks, ControlLock control) {
        this.disks = disks;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        MethodSpec.Builder create = MethodSpec.method(
                        "bdev_delay_create",
                        "Makes a disk that passes all requests on to another one, reads and writes after some time.")
                .required("base_bdev_name", DiskParams.name(), "The other disk, by its name or UUID.")
                .required("name", DiskParams.name(), "Name of the disk.")
                .required("avg_read_latency", LATENCY, "How long reads are held, in us.")
                .required("p99_read_latency", LATENCY, "How long one read in a hundred is held instead, in us.")
                .required("avg_write_latency", LATENCY, "How long writes are held, in us.")
                .required("p99_write_latency", LATENCY, "How long one write in a hundred is held instead, in us.");
        DiskParams.uuid(create, DiskParams.OF_BASE).returns("name", "The name of the disk.");
        registry.register(create.build(), Failures.mapped(params -> control.change(() -> create(params))));
        registry.register(
                MethodSpec.method("bdev_delay_update_latency", "Changes a time of a delay disk.")
                        .required("delay_bdev_name", DiskParams.name(), "The disk, by its name or UUID.")
                        .required(
                                "latency_type",
                                ParamType.choice("avg_read", "p99_read", "avg_write", "p99_write"),
                                "Which time.")
                        .required("latency_us", LATENCY, "The time, in us; requests that wait now go on.")
                        .build(),
                Failures.mapped(params -> control.change(() -> update(params))));
        DiskParams.deletable(
                registry,
                "bdev_delay_delete",
                "a delay disk; its base stays",
                params -> control.change(() -> disks.remove(DiskKind.DELAY, params.string("name"))));
    }

    private JsonNode create(Params params) throws BdevException {
        String name = params.string("name");
        String base = params.string("base_bdev_name");
        UUID uuid = DiskParams.uuid(params, name, disks.registry().find(base).info());
        FaultPoint delays = new FaultPoint();
        StackedBdev bdev =
                StackedBdev.over(disks.registry(), base, new StackedBdev.Identity(name, uuid, "delay"), delays);
        ObjectNode again = StackedMethods.again(bdev);
        LATENCIES.forEach(latency -> again.put(latency, params.integer(latency)));
        delays.set(faults(bdev, again));
        disks.add(new Disk(DiskKind.DELAY, bdev, again));
        return Json.string(bdev.info().name());
    }

    private JsonNode update(Params params) throws BdevException {
        Disk disk = disks.find(DiskKind.DELAY, params.string("delay_bdev_name"));
        if (!(disk.bdev() instanceof StackedBdev bdev)) {
            throw new IllegalStateException(disk.kind() + " is " + disk.bdev());
        }
        String latency = params.string("latency_type") + SUFFIX;
        ObjectNode again = disk.params().deepCopy();
        again.put(latency, params.integer("latency_us"));
        bdev.faults().orElseThrow().set(faults(bdev, again));
        disks.changed(disk, latency, params.integer("latency_us"));
        return Json.done();
    }

    private static List<LiveFault> faults(StackedBdev bdev, ObjectNode params) {
        long[] ns = LATENCIES.stream()
                .mapToLong(latency -> params.required(latency).longValue() * NS_PER_US)
                .toArray();
        // As random as the UUID, and the same after a restart.
        return new DelayLatencies(ns[0], ns[1], ns[2], ns[3])
                .faults(bdev.info().uuid().getLeastSignificantBits());
    }
}
