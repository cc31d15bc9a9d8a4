package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.stacked.StackedBdev;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Disk;
import dev.ringside.daemon.target.DiskKind;
import dev.ringside.daemon.target.Disks;
import dev.ringside.env.linux.Errno;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Disks that are all of another disk, or a part of one. */
final class StackedMethods {
    private static final long MIB = 1 << 20;
    private static final int MOST_PARTS = 1024;
    private static final String SPLIT_BLOCKS = "split_num_blocks";
    /** So that the last part's first block is a number. */
    private static final long MOST_BLOCKS = Long.MAX_VALUE / MOST_PARTS;

    private final Disks disks;
    private final ControlLock control;

    StackedMethods(Disks disks, ControlLock control) {
        this.disks = disks;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        MethodSpec.Builder passthru = MethodSpec.method(
                        "bdev_passthru_create",
                        "Makes a disk that passes all requests on to another one, which nobody else may write to.")
                .required("base_bdev_name", DiskParams.name(), "The other disk, by its name or UUID.")
                .required("name", DiskParams.name(), "Name of the disk.");
        DiskParams.uuid(passthru, DiskParams.OF_BASE).returns("name", "The name of the disk.");
        registry.register(passthru.build(), Failures.mapped(params -> control.change(() -> passthru(params))));
        DiskParams.deletable(
                registry,
                "bdev_passthru_delete",
                "a passthru disk; its base stays",
                params -> control.change(() -> disks.remove(DiskKind.PASSTHRU, params.string("name"))));
        MethodSpec.Builder split = MethodSpec.method(
                        "bdev_split_create",
                        "Makes several disks of equal size, name and p0, p1, ..., of one, which nobody else may write to.")
                .required("base_bdev", DiskParams.name(), "The disk to split, by its name or UUID.")
                .required("split_count", ParamType.integer(1, MOST_PARTS), "How many disks to make.")
                .param(ParamSpec.optional(
                        "split_size_mb",
                        ParamType.integer(0, Long.MAX_VALUE / MIB),
                        0,
                        "Size of each in MiB; 0: all that there is, in equal parts."))
                .optional(
                        SPLIT_BLOCKS,
                        ParamType.integer(1, MOST_BLOCKS),
                        "Size of each in blocks, whatever size the disk that is split has got since: what it no longer has, they"
                                + " do not have either. Saved configurations have it. Not one of SPDK's.")
                .returns("[name]", "The names of the disks.");
        registry.register(split.build(), Failures.mapped(params -> control.change(() -> split(params))));
        registry.register(
                MethodSpec.method(
                                "bdev_split_delete",
                                "Deletes all disks that one was split into. Guests that have them see errors from then on;"
                                        + " the answer comes when the last user has let go.")
                        .required("base_bdev", DiskParams.name(), "The disk that was split, by its name or UUID.")
                        .build(),
                Failures.mapped(params -> {
                    control.change(() -> unsplit(params)).join();
                    return Json.done();
                }));
    }

    private JsonNode passthru(Params params) throws BdevException {
        String name = params.string("name");
        String base = params.string("base_bdev_name");
        UUID uuid = DiskParams.uuid(params, name, disks.registry().find(base).info());
        StackedBdev.Identity identity = new StackedBdev.Identity(name, uuid, "passthru");
        StackedBdev bdev = StackedBdev.over(disks.registry(), base, identity);
        disks.add(new Disk(DiskKind.PASSTHRU, bdev, again(bdev)));
        return Json.string(identity.name());
    }

    /** What makes a disk that is all of another one again. */
    static ObjectNode again(StackedBdev bdev) {
        ObjectNode again = Json.object();
        again.put("base_bdev_name", bdev.baseName());
        again.put("name", bdev.info().name());
        again.put("uuid", bdev.info().uuid().toString());
        return again;
    }

    private JsonNode split(Params params) throws BdevException {
        int count = params.int32("split_count");
        long sizeMib = params.integer("split_size_mb");
        List<StackedBdev> parts =
                parts(params.string("base_bdev"), count, sizeMib * MIB, params.optionalLong(SPLIT_BLOCKS));
        ObjectNode again = Json.object();
        again.put("base_bdev", parts.getFirst().baseName());
        again.put("split_count", count);
        again.put("split_size_mb", sizeMib);
        // The base may grow or shrink, the parts are where they are.
        again.put(SPLIT_BLOCKS, parts.getFirst().mostBlocks());
        disks.addAll(parts.stream()
                .map(part -> new Disk(DiskKind.SPLIT, part, again))
                .toList());
        ArrayNode names = Json.array();
        parts.forEach(part -> names.add(part.info().name()));
        return names;
    }

    private List<StackedBdev> parts(String base, int count, long bytes, OptionalLong blocks) throws BdevException {
        if (blocks.isEmpty()) {
            return StackedBdev.split(disks.registry(), base, count, bytes);
        }
        int blockSize = disks.registry().find(base).info().blockSize();
        if (bytes > 0 && (bytes % blockSize != 0 || bytes / blockSize != blocks.getAsLong())) {
            throw RpcException.invalidParams(
                    "split_size_mb and " + SPLIT_BLOCKS + " are different sizes; one of them is enough");
        }
        return StackedBdev.splitAgain(disks.registry(), base, count, blocks.getAsLong());
    }

    private CompletableFuture<Void> unsplit(Params params) throws BdevException {
        String base = disks.registry().find(params.string("base_bdev")).info().name();
        List<String> parts = disks.list().stream()
                .filter(disk -> disk.bdev() instanceof StackedBdev part
                        && disk.kind() == DiskKind.SPLIT
                        && part.baseName().equals(base))
                .map(disk -> disk.bdev().info().name())
                .toList();
        if (parts.isEmpty()) {
            throw new BdevException(Errno.ENODEV, "bdev " + base + " was not split");
        }
        CompletableFuture<?>[] gone = new CompletableFuture<?>[parts.size()];
        for (int i = 0; i < gone.length; i++) {
            gone[i] = disks.remove(DiskKind.SPLIT, parts.get(i));
        }
        return CompletableFuture.allOf(gone);
    }
}
