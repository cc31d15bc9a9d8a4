package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
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
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Disks that are files or block devices, under the two names that SPDK has for them: both go through io_uring. */
final class FileMethods {
    private static final int LONGEST_PATH = 4095;

    private final Disks disks;
    private final ControlLock control;

    FileMethods(Disks disks, ControlLock control) {
        this.disks = disks;
        this.control = control;
    }

    void register(MethodRegistry registry) {
        registry.register(aioCreation(), Failures.mapped(params -> control.change(() -> createAio(params))));
        registry.register(uringCreation(), Failures.mapped(params -> control.change(() -> createUring(params))));
        registerRest(registry, DiskKind.AIO, "aio");
        registerRest(registry, DiskKind.URING, "uring");
    }

    private static MethodSpec aioCreation() {
        MethodSpec.Builder method = creation("bdev_aio_create", "Makes a disk of a file or a block device.")
                .param(ParamSpec.optional("readonly", ParamType.bool(), false, "Whether the disk cannot be written."))
                .param(ParamSpec.optional(
                        "fallocate",
                        ParamType.bool(),
                        false,
                        "Whether the disk offers UNMAP and WRITE_ZEROES, by fallocate(2)."))
                .param(ParamSpec.optional("nowait", ParamType.bool(), false, "Must be false."));
        return DiskParams.uuid(method, "made of its name and the path").build();
    }

    private static MethodSpec uringCreation() {
        MethodSpec.Builder method = creation(
                "bdev_uring_create",
                "Makes a disk of a file or a block device, which offers UNMAP and WRITE_ZEROES by fallocate(2).");
        return DiskParams.uuid(method, "made of its name and the path").build();
    }

    private static MethodSpec.Builder creation(String name, String summary) {
        return MethodSpec.method(name, summary)
                .required("name", DiskParams.name(), "Name of the disk.")
                .required(
                        "filename",
                        ParamType.string(1, LONGEST_PATH),
                        "Path of the file or of the block device; a relative one begins in the daemon's working directory, and is"
                                + " kept as an absolute one.")
                .param(ParamSpec.optional(
                        "block_size",
                        ParamType.integer(0, 65_536),
                        0,
                        "Bytes of a block: a power of two of at least 512; 0: the device's own, 512 for a file."))
                .param(ParamSpec.optional(
                        "shared",
                        ParamType.bool(),
                        false,
                        "Whether others may write to the file at the same time, if they say so too: for a guest that"
                                + " migrates from one daemon to another."))
                .returns("name", "The name of the disk.");
    }

    private void registerRest(MethodRegistry registry, DiskKind kind, String word) {
        registry.register(
                DiskParams.deletion("bdev_" + word + "_delete", "a file disk; the file stays"),
                Failures.mapped(params -> {
                    control.change(() -> disks.remove(kind, params.string("name")))
                            .join();
                    return Json.done();
                }));
        registry.register(
                MethodSpec.method(
                                "bdev_" + word + "_rescan",
                                "Looks at the size of the file again, and tells the guests if it has changed.")
                        .required("name", DiskParams.name(), "The disk, by its name or UUID.")
                        .build(),
                Failures.mapped(params -> control.change(() -> rescan(kind, params))));
    }

    private JsonNode createAio(Params params) throws BdevException {
        Failures.refuse(params, "nowait", "every disk is asynchronous here");
        FileOptions options = options(params, FileOptions.AIO, params.bool("readonly"), params.bool("fallocate"));
        ObjectNode again = params(options);
        again.put("readonly", options.readOnly());
        again.put("fallocate", options.fallocate());
        return create(DiskKind.AIO, options, again);
    }

    private JsonNode createUring(Params params) throws BdevException {
        FileOptions options = options(params, FileOptions.URING, false, true);
        return create(DiskKind.URING, options, params(options));
    }

    private FileOptions options(Params params, String product, boolean readOnly, boolean fallocate)
            throws BdevException {
        String name = params.string("name");
        Path path = disks.paths().resolve(params.string("filename"));
        return new FileOptions(
                name,
                DiskParams.uuid(params, name, path.normalize().toString()),
                path,
                product,
                params.int32("block_size"),
                readOnly,
                fallocate,
                params.bool("shared"));
    }

    private static ObjectNode params(FileOptions options) {
        ObjectNode again = Json.object();
        again.put("name", options.name());
        again.put("filename", options.path().toString());
        again.put("block_size", options.blockSize());
        again.put("uuid", options.uuid().toString());
        again.put("shared", options.shared());
        return again;
    }

    private JsonNode create(DiskKind kind, FileOptions options, ObjectNode again) throws BdevException {
        Optional<Fd> file = disks.takeInherited(options.name());
        FileBdev bdev = file.isPresent()
                ? FileBdev.adopt(options, disks.rings(), file.get())
                : FileBdev.open(options, disks.rings());
        disks.add(new Disk(kind, bdev, again));
        return Json.string(bdev.info().name());
    }

    private JsonNode rescan(DiskKind kind, Params params) throws BdevException {
        Disk disk = disks.find(kind, params.string("name"));
        if (!(disk.bdev() instanceof FileBdev bdev)) {
            throw new IllegalStateException(kind + " is " + disk.bdev());
        }
        bdev.rescan(disks.registry());
        return Json.done();
    }
}
