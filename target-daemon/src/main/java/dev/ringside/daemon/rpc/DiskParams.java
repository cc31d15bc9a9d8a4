package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevInfo;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Parameters that several methods which make disks have. */
final class DiskParams {
    /** Longest name of a bdev. */
    static final int LONGEST_NAME = 255;

    /** What the UUID is, if it is absent. */
    static final String OF_BASE = "made of its name and the other disk's UUID";

    static final String RANDOM = "random";

    private static final String NO_METADATA = "disks have no metadata here";

    private DiskParams() {}

    static ParamType name() {
        return ParamType.string(1, LONGEST_NAME);
    }

    static ParamType numBlocks() {
        return ParamType.integer(1, Long.MAX_VALUE);
    }

    static ParamType blockSize() {
        return ParamType.integer(512, 65_536);
    }

    /** @param absent what it is if it is absent */
    static MethodSpec.Builder uuid(MethodSpec.Builder method, String absent) {
        return method.optional(
                "uuid", ParamType.uuid(), "UUID of the disk, and an alias of its name; " + absent + " if absent.");
    }

    /**
     * The UUID of a disk that begins empty: random if absent, since a disk that is made again is another one. What a guest
     * knows by the name that follows from it, such as a file system or a reservation, is gone.
     */
    static UUID randomUuid(Params params) {
        return params.optionalUuid("uuid").orElseGet(UUID::randomUUID);
    }

    /**
     * The UUID of a disk with contents that outlive it; if absent, made of its name and of where they are (version 3: RFC 9562,
     * 5.3). So guests find it under the same names when a configuration without UUIDs is loaded again.
     */
    static UUID uuid(Params params, String name, String contents) {
        return params.optionalUuid("uuid")
                .orElseGet(() -> UUID.nameUUIDFromBytes((name + '\0' + contents).getBytes(StandardCharsets.UTF_8)));
    }

    /** The UUID of a disk that is made of another one: if absent, made of its name and that one's UUID. */
    static UUID uuid(Params params, String name, BdevInfo base) {
        return uuid(params, name, base.uuid().toString());
    }

    /** Metadata and protection information, which clients of SPDK say that they do not want. */
    static MethodSpec.Builder metadata(MethodSpec.Builder method) {
        ParamType none = ParamType.integer(0, 0);
        return method.param(ParamSpec.optional("md_size", none, 0, "Bytes of metadata with each block."))
                .param(ParamSpec.optional("md_interleave", ParamType.bool(), false, "Must be false."))
                .param(ParamSpec.optional("dif_type", none, 0, "Type of the protection information."))
                .param(ParamSpec.optional("dif_is_head_of_md", ParamType.bool(), false, "Must be false."))
                .param(ParamSpec.optional("dif_pi_format", none, 0, "Format of the protection information."));
    }

    static void refuseMetadata(Params params) {
        Failures.refuse(params, "md_interleave", NO_METADATA);
        Failures.refuse(params, "dif_is_head_of_md", NO_METADATA);
    }

    /** Takes a disk away; done when the last user has let go. */
    interface Deletion {
        CompletableFuture<Void> start(Params params) throws Exception;
    }

    /** Registers a method that deletes a disk. */
    static void deletable(MethodRegistry registry, String method, String what, Deletion deletion) {
        registry.register(deletion(method, what), Failures.mapped(params -> {
            deletion.start(params).join();
            return Json.done();
        }));
    }

    /** A method that deletes a disk. */
    static MethodSpec deletion(String method, String what) {
        return MethodSpec.method(
                        method,
                        "Deletes " + what
                                + ". Guests that have it see errors from then on; the answer comes when the last"
                                + " user has let go.")
                .required("name", name(), "The disk, by its name or UUID.")
                .build();
    }
}
