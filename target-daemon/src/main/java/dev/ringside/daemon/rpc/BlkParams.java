package dev.ringside.daemon.rpc;

import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.blk.BlkLimits;
import dev.ringside.vhost.blk.BlkSettings;
import dev.ringside.vhost.blk.BlkTuning;
import tools.jackson.databind.node.ObjectNode;

/** The parameters that say how a virtio-blk device is: from a call to settings, and back for a saved configuration. */
final class BlkParams {
    private static final String READONLY = "readonly";
    private static final String PACKED_RING = "packed_ring";
    private static final String SERIAL = "serial";
    private static final String SEG_MAX = "seg_max";
    private static final String SIZE_MAX = "size_max";
    private static final String OPT_IO_SIZE = "opt_io_size";
    private static final String DISCARD_GRANULARITY = "discard_granularity";
    private static final String MAX_DISCARD = "max_discard_size";
    private static final String MAX_WRITE_ZEROES = "max_write_zeroes_size";
    private static final String MAX_SECURE_ERASE = "max_secure_erase_size";

    private static final String PIN_MEMORY = "pin_memory";

    private BlkParams() {}

    /** Adds them to a method. */
    static MethodSpec.Builder describe(MethodSpec.Builder method) {
        ParamType bytes = ParamType.integer(BlkLayout.SECTOR, BlkLimits.MOST_BYTES);
        ParamType range = ParamType.integer(BlkLayout.SECTOR, BlkLimits.MOST_RANGE_BYTES);
        return method.param(ParamSpec.optional(
                        READONLY, ParamType.bool(), false, "Whether the guest cannot write, though the disk could."))
                .param(ParamSpec.optional(
                        PACKED_RING, ParamType.bool(), true, "Whether packed rings are offered beside split ones."))
                .optional(
                        SERIAL,
                        ParamType.string("[ -~]{1,20}", "1 to 20 printable ASCII characters"),
                        "The serial number that the guest sees; the start of the disk's name if absent.")
                .optional(
                        SEG_MAX,
                        ParamType.integer(1, BlkLimits.MOST_SEGMENTS),
                        "Most data segments of a request; 126 if absent.")
                .optional(
                        SIZE_MAX,
                        ParamType.integer(BlkLimits.LEAST_SIZE, BlkLimits.MOST_BYTES),
                        "Longest data segment in bytes, a multiple of the disk's blocks; the disk's if absent.")
                .optional(
                        OPT_IO_SIZE,
                        bytes,
                        "How long requests should be, in bytes, a multiple of the disk's blocks; the disk's if absent.")
                .optional(
                        DISCARD_GRANULARITY,
                        bytes,
                        "The pieces in which the disk gives blocks back, in bytes, a multiple of its blocks; its physical"
                                + " block if absent.")
                .optional(MAX_DISCARD, range, longest("discard"))
                .optional(MAX_WRITE_ZEROES, range, longest("write zeroes"))
                .optional(MAX_SECURE_ERASE, range, longest("secure erase"))
                .param(ParamSpec.optional(
                        PIN_MEMORY,
                        ParamType.bool(),
                        false,
                        "Whether the guest's memory is pinned and registered with io_uring. Only for a guest that never"
                                + " gives memory back: without balloon, free page reporting and virtio-mem."));
    }

    private static String longest(String type) {
        return "Longest segment of a " + type
                + " request in bytes, a multiple of the disk's blocks; the disk's, and at most 2 GiB, if absent.";
    }

    /** What a call says. */
    static BlkSettings settings(Params params) {
        return new BlkSettings(
                params.bool(READONLY),
                params.bool(PACKED_RING),
                params.optionalString(SERIAL),
                new BlkTuning(
                        params.optionalInt(SEG_MAX).orElse(0),
                        bytes(params, SIZE_MAX),
                        bytes(params, OPT_IO_SIZE),
                        bytes(params, DISCARD_GRANULARITY),
                        bytes(params, MAX_DISCARD),
                        bytes(params, MAX_WRITE_ZEROES),
                        bytes(params, MAX_SECURE_ERASE)),
                params.bool(PIN_MEMORY));
    }

    /** The parameters of a call that makes a device with these settings; what is as usual is left out, but for the first. */
    static void put(ObjectNode params, BlkSettings settings) {
        params.put(PACKED_RING, settings.packedRing());
        settings.serial().ifPresent(serial -> params.put(SERIAL, serial));
        BlkTuning tuning = settings.tuning();
        putIfSet(params, SEG_MAX, tuning.segMax());
        putIfSet(params, SIZE_MAX, tuning.sizeMax());
        putIfSet(params, OPT_IO_SIZE, tuning.optIoSize());
        putIfSet(params, DISCARD_GRANULARITY, tuning.discardGranularity());
        putIfSet(params, MAX_DISCARD, tuning.maxDiscardSize());
        putIfSet(params, MAX_WRITE_ZEROES, tuning.maxWriteZeroesSize());
        putIfSet(params, MAX_SECURE_ERASE, tuning.maxSecureEraseSize());
        if (settings.pinMemory()) {
            params.put(PIN_MEMORY, true);
        }
    }

    private static long bytes(Params params, String name) {
        return params.optionalLong(name).orElse(0);
    }

    private static void putIfSet(ObjectNode params, String name, long value) {
        if (value != 0) {
            params.put(name, value);
        }
    }
}
