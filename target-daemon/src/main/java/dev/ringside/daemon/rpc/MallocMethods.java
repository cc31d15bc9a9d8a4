package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disk;
import dev.ringside.daemon.target.DiskKind;
import dev.ringside.daemon.target.Disks;
import dev.ringside.env.linux.Fd;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** RAM disks. */
final class MallocMethods {
    private static final long MIB = 1 << 20;

    private final Disks disks;
    private final ControlLock control;
    /** Number of the next disk that nobody gives a name; guarded by the lock. */
    private int next;

    MallocMethods(Disks disks, ControlLock control) {
        this.disks = disks;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        MethodSpec.Builder create = MethodSpec.method(
                        "bdev_malloc_create", "Makes a RAM disk, which is gone when the daemon ends.")
                .required("num_blocks", DiskParams.numBlocks(), "Capacity in blocks.")
                .required("block_size", DiskParams.blockSize(), "Bytes of a block: a power of two.")
                .optional("name", DiskParams.name(), "Name of the disk; Malloc0, Malloc1, ... if absent.");
        DiskParams.uuid(create, DiskParams.RANDOM)
                .param(ParamSpec.optional(
                        "physical_block_size",
                        ParamType.integer(0, Integer.MAX_VALUE),
                        0,
                        "Bytes of a physical block: a power of two of at least block_size; 0: as block_size."))
                .param(
                        ParamSpec.optional(
                                "optimal_io_boundary",
                                ParamType.uint32(),
                                0,
                                "Reads and writes are split at multiples of this many blocks, a power of two; 0: they are not."));
        DiskParams.metadata(create).returns("name", "The name of the disk.");
        registry.register(create.build(), Failures.mapped(params -> control.change(() -> create(params))));
        registry.register(DiskParams.deletion("bdev_malloc_delete", "a RAM disk"), Failures.mapped(params -> {
            control.change(() -> disks.remove(DiskKind.MALLOC, params.string("name")))
                    .join();
            return Json.done();
        }));
        registry.register(
                MethodSpec.method("bdev_malloc_resize", "Gives a RAM disk another capacity and tells the guests.")
                        .required("name", DiskParams.name(), "The disk, by its name or UUID.")
                        .required(
                                "new_size",
                                ParamType.integer(1, Long.MAX_VALUE / MIB),
                                "The new capacity in MiB; what it no longer has is lost.")
                        .build(),
                Failures.mapped(params -> control.change(() -> resize(params))));
    }

    private JsonNode create(Params params) throws BdevException {
        DiskParams.refuseMetadata(params);
        MallocOptions options = new MallocOptions(
                params.optionalString("name").orElseGet(this::freeName),
                DiskParams.randomUuid(params),
                params.int32("block_size"),
                params.integer("num_blocks"),
                params.int32("physical_block_size"),
                params.integer("optimal_io_boundary"));
        Optional<Fd> contents = disks.takeInherited(options.name());
        MallocBdev bdev = contents.isPresent() ? MallocBdev.adopt(options, contents.get()) : MallocBdev.create(options);
        BdevInfo info = bdev.info();
        ObjectNode again = Json.object();
        again.put("name", info.name());
        again.put("num_blocks", info.numBlocks());
        again.put("block_size", info.blockSize());
        again.put("physical_block_size", info.physicalBlockSize());
        again.put("uuid", info.uuid().toString());
        again.put("optimal_io_boundary", options.optimalIoBoundary());
        disks.add(new Disk(DiskKind.MALLOC, bdev, again));
        return Json.string(info.name());
    }

    private JsonNode resize(Params params) throws BdevException {
        Disk disk = disks.find(DiskKind.MALLOC, params.string("name"));
        if (!(disk.bdev() instanceof MallocBdev bdev)) {
            throw new IllegalStateException(disk.kind() + " is " + disk.bdev());
        }
        long blocks = params.integer("new_size") * MIB / bdev.info().blockSize();
        bdev.resize(disks.registry(), blocks);
        disks.changed(disk, "num_blocks", blocks);
        return Json.done();
    }

    private String freeName() {
        while (true) {
            String name = "Malloc" + next++;
            try {
                disks.registry().find(name);
            } catch (BdevException e) {
                return name;
            }
        }
    }
}
