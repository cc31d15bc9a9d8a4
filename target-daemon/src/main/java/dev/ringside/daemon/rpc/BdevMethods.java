package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.file.FileBdev;
import dev.ringside.bdev.file.FileOptions;
import dev.ringside.bdev.file.FileStats;
import dev.ringside.bdev.nvme.NvmeBdev;
import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.bdev.stacked.StackedBdev;
import dev.ringside.daemon.target.Disks;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The disks, whatever they are made of. */
final class BdevMethods {
    /** A week: clients that want to wait longer ask again. */
    private static final long LONGEST_WAIT_MS = 7L * 24 * 60 * 60 * 1000;

    /** SPDK's types of requests that no disk here has, but that clients look for. */
    private static final List<String> NEVER_SUPPORTED = List.of(
            "nvme_admin",
            "nvme_io",
            "nvme_io_md",
            "zcopy",
            "get_zone_info",
            "zone_management",
            "zone_append",
            "compare_and_write",
            "abort",
            "seek_hole",
            "seek_data",
            "nvme_iov_md");

    private final Disks disks;

    BdevMethods(Disks disks) {
        this.disks = disks;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("bdev_get_bdevs", "Describes all disks, or one.")
                        .optional("name", DiskParams.name(), "The disk, by its name or UUID; all if absent.")
                        .param(ParamSpec.optional(
                                "timeout",
                                ParamType.integer(0, LONGEST_WAIT_MS),
                                0,
                                "How long to wait for the named disk to appear, in ms."))
                        .returns(
                                "[{name, aliases[], product_name, block_size, num_blocks, uuid, assigned_rate_limits{},"
                                        + " claimed, claim_type?, zoned, supported_io_types{}, driver_specific{}}]",
                                "The disks, in the order in which they were made.")
                        .concurrent()
                        .build(),
                Failures.mapped(this::list));
        registry.register(
                MethodSpec.method(
                                "bdev_examine",
                                "Looks what is on a disk; a disk here is ready when its call is answered, and nothing is on"
                                        + " it that would make another one.")
                        .required("name", DiskParams.name(), "The disk, which need not be there yet.")
                        .anyState()
                        .build(),
                params -> Json.done());
        registry.register(options(), params -> Json.done());
        registry.register(
                MethodSpec.method(
                                "bdev_wait_for_examine",
                                "Waits until nobody examines a new disk; a disk here is ready when its call is answered.")
                        .build(),
                params -> Json.done());
    }

    /** Every configuration of SPDK's begins with it. */
    private static MethodSpec options() {
        return MethodSpec.method(
                        "bdev_set_options",
                        "Sizes SPDK's pools of requests. Here each queue has its requests, and buffers are the guests' own:"
                                + " there is nothing to size, so any size is right.")
                .optional("bdev_io_pool_size", ParamType.uint32(), "Requests in the pool.")
                .optional("bdev_io_cache_size", ParamType.uint32(), "Requests that a thread keeps.")
                .optional("bdev_auto_examine", ParamType.bool(), "Whether new disks are examined; see bdev_examine.")
                .optional("iobuf_small_cache_size", ParamType.uint32(), "Small buffers that a thread keeps.")
                .optional("iobuf_large_cache_size", ParamType.uint32(), "Large buffers that a thread keeps.")
                .anyState()
                .build();
    }

    private JsonNode list(Params params) throws BdevException, InterruptedException {
        ArrayNode result = Json.array();
        Optional<String> name = params.optionalString("name");
        if (name.isPresent()) {
            describe(result.addObject(), disks.await(name.get(), params.integer("timeout")));
        } else {
            disks.registry().list().forEach(entry -> describe(result.addObject(), entry));
        }
        return result;
    }

    private void describe(ObjectNode node, BdevRegistry.Entry entry) {
        BdevInfo info = entry.info();
        node.put("name", info.name());
        ArrayNode aliases = node.putArray("aliases");
        info.aliases().forEach(aliases::add);
        node.put("product_name", info.productName());
        node.put("block_size", info.blockSize());
        node.put("num_blocks", info.numBlocks());
        node.put("uuid", info.uuid().toString());
        QosParams.putRates(node.putObject("assigned_rate_limits"), disks.qos().limits(info.name()));
        node.put("claimed", entry.claim().isPresent());
        entry.claim().ifPresent(user -> node.put("claim_type", "exclusive_write"));
        node.put("zoned", false);
        supported(node.putObject("supported_io_types"), info.supported());
        driverSpecific(node.putObject("driver_specific"), entry);
    }

    private static void supported(ObjectNode node, Set<IoType> supported) {
        for (IoType type : IoType.values()) {
            node.put(EnumParam.spelled(type), supported.contains(type));
        }
        NEVER_SUPPORTED.forEach(type -> node.put(type, false));
    }

    private void driverSpecific(ObjectNode node, BdevRegistry.Entry entry) {
        if (entry.bdev() instanceof FileBdev file) {
            boolean aio = entry.info().productName().equals(FileOptions.AIO);
            ObjectNode driver = node.putObject(aio ? "aio" : "uring");
            driver.put("filename", file.path().toString());
            driver.put("readonly", entry.info().readOnly());
            driver.put("direct", file.direct());
            FileStats stats = file.stats();
            ObjectNode requests = driver.putObject("requests");
            requests.put("direct", stats.direct());
            requests.put("registered", stats.registered());
            requests.put("bounced", stats.bounced());
            requests.put("refused", stats.refused());
        } else if (entry.bdev() instanceof NvmeBdev nvme) {
            NvmeJson.driverSpecific(node, nvme);
        } else if (entry.bdev() instanceof StackedBdev stacked) {
            disks.made(entry.info().name()).ifPresent(disk -> StackedJson.driverSpecific(node, disk, stacked));
        } else if (entry.bdev() instanceof ScsiBdev scsi) {
            ScsiJson.driverSpecific(node.putObject("scsi"), scsi);
        }
    }
}
