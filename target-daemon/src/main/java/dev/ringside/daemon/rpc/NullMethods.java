package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disk;
import dev.ringside.daemon.target.DiskKind;
import dev.ringside.daemon.target.Disks;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Disks that keep nothing. */
final class NullMethods {
    private static final long MIB = 1 << 20;

    private final Disks disks;
    private final ControlLock control;

    NullMethods(Disks disks, ControlLock control) {
        this.disks = disks;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        MethodSpec.Builder create = MethodSpec.method(
                        "bdev_null_create",
                        "Makes a disk that keeps nothing: for measuring what everything else costs.")
                .required("name", DiskParams.name(), "Name of the disk.")
                .required("num_blocks", DiskParams.numBlocks(), "Capacity in blocks.")
                .required("block_size", DiskParams.blockSize(), "Bytes of a block: a power of two.")
                .optional("physical_block_size", DiskParams.blockSize(), "Must be as block_size.");
        DiskParams.uuid(create, DiskParams.RANDOM);
        DiskParams.metadata(create).returns("name", "The name of the disk.");
        registry.register(create.build(), Failures.mapped(params -> control.change(() -> create(params))));
        registry.register(DiskParams.deletion("bdev_null_delete", "a null disk"), Failures.mapped(params -> {
            control.change(() -> disks.remove(DiskKind.NULL, params.string("name")))
                    .join();
            return Json.done();
        }));
        registry.register(
                MethodSpec.method("bdev_null_resize", "Gives a null disk another capacity and tells the guests.")
                        .required("name", DiskParams.name(), "The disk, by its name or UUID.")
                        .required(
                                "new_size",
                                ParamType.integer(1, Long.MAX_VALUE / MIB),
                                "The new capacity in MiB; not less than the old one.")
                        .build(),
                Failures.mapped(params -> control.change(() -> resize(params))));
    }

    private JsonNode create(Params params) throws BdevException {
        DiskParams.refuseMetadata(params);
        int blockSize = params.int32("block_size");
        if (params.optionalInt("physical_block_size").orElse(blockSize) != blockSize) {
            throw RpcException.invalidParams("parameter 'physical_block_size' must be as block_size, " + blockSize);
        }
        NullBdev bdev = NullBdev.create(
                params.string("name"), DiskParams.randomUuid(params), blockSize, params.integer("num_blocks"));
        BdevInfo info = bdev.info();
        ObjectNode again = Json.object();
        again.put("name", info.name());
        again.put("num_blocks", info.numBlocks());
        again.put("block_size", info.blockSize());
        again.put("uuid", info.uuid().toString());
        disks.add(new Disk(DiskKind.NULL, bdev, again));
        return Json.string(info.name());
    }

    private JsonNode resize(Params params) throws BdevException {
        Disk disk = disks.find(DiskKind.NULL, params.string("name"));
        if (!(disk.bdev() instanceof NullBdev bdev)) {
            throw new IllegalStateException(disk.kind() + " is " + disk.bdev());
        }
        BdevInfo info = bdev.info();
        long blocks = params.integer("new_size") * MIB / info.blockSize();
        if (blocks < info.numBlocks()) {
            throw RpcException.errno(
                    Errno.EINVAL,
                    "bdev " + info.name() + " has " + info.numBlocks() + " blocks and cannot be made smaller, to "
                            + blocks);
        }
        bdev.resize(disks.registry(), blocks);
        disks.changed(disk, "num_blocks", blocks);
        return Json.done();
    }
}
