package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.BdevStats;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.StatsReset;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What was done on the disks. Latencies are in ticks, which are nanoseconds. */
final class IostatMethods {
    private static final String NONE = "none";
    private static final String ALL = "all";
    /** How SPDK calls what can be reset. */
    private static final Map<String, StatsReset> MODES =
            Map.of(ALL, StatsReset.ALL, "maxmin", StatsReset.EXTREMES, "error", StatsReset.ERRORS);

    private static final int MOST_NAMES = 1024;

    private final Disks disks;
    private final Reactors reactors;

    IostatMethods(Disks disks, Reactors reactors) {
        this.disks = disks;
        this.reactors = reactors;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("bdev_get_iostat", "Tells what was done on all disks, on one, or on some.")
                        .optional("name", DiskParams.name(), "One disk, by its name or UUID.")
                        .optional(
                                "names",
                                ParamType.arrayOf(DiskParams.name(), 1, MOST_NAMES),
                                "Some disks; not together with name.")
                        .param(ParamSpec.optional(
                                "per_channel",
                                ParamType.bool(),
                                false,
                                "Whether one disk is told for each thread, by those of its users that are there now."))
                        .param(mode("reset_mode", NONE, "Which counters of these disks are set to 0 afterwards"))
                        .returns(
                                "{tick_rate, ticks, bdevs[{name, bytes_read, num_read_ops, bytes_written, ...}]}, with"
                                        + " per_channel {tick_rate, ticks, name, channels[{thread_id, bytes_read, ...}]}",
                                "The counters since the disk was made or its counters were set to 0.")
                        .build(),
                Failures.mapped(this::get));
        registry.register(
                MethodSpec.method(
                                "bdev_get_reactor_iostat",
                                "Tells what was done on all disks together, by each reactor. Not one of SPDK's.")
                        .returns(
                                "{tick_rate, ticks, reactors[{name, thread_id, bytes_read, num_read_ops, ...}]}",
                                "The counters of bdev_get_iostat, of requests that came from guests: one that goes through several"
                                        + " disks is counted once, where it entered. Disks that were deleted are among them.")
                        .build(),
                params -> byReactor());
        registry.register(
                MethodSpec.method("bdev_reset_iostat", "Sets the counters of all disks, or of one, to 0.")
                        .optional("name", DiskParams.name(), "The disk, by its name or UUID; all if absent.")
                        .param(mode("mode", ALL, "Which counters"))
                        .build(),
                Failures.mapped(this::reset));
    }

    private static ParamSpec mode(String name, String preset, String what) {
        return ParamSpec.optional(
                name,
                ParamType.choice(NONE, ALL, "maxmin", "error"),
                preset,
                what + ": none, all, the shortest and longest latencies, or those of requests that failed.");
    }

    private JsonNode get(Params params) throws BdevException {
        if (params.has("name") && params.has("names")) {
            throw RpcException.errno(Errno.EINVAL, "name and names are both given; one of them is allowed");
        }
        List<String> names = new ArrayList<>(params.strings("names"));
        params.optionalString("name").ifPresent(names::add);
        List<String> chosen = names.isEmpty() ? all() : canonical(names);
        boolean perChannel = params.bool("per_channel");
        if (perChannel && names.size() != 1) {
            throw RpcException.errno(Errno.EINVAL, "per_channel is for one disk, which has to be named");
        }
        ObjectNode result = Json.object();
        result.put("tick_rate", ReactorMethods.TICK_RATE);
        result.put("ticks", System.nanoTime());
        if (perChannel) {
            channels(result, chosen.getFirst());
        } else {
            bdevs(result.putArray("bdevs"), chosen, names.isEmpty());
        }
        reset(names.isEmpty() ? Optional.empty() : Optional.of(chosen), params.string("reset_mode"));
        return result;
    }

    private void bdevs(ArrayNode array, List<String> names, boolean all) throws BdevException {
        for (String name : names) {
            BdevStats stats;
            try {
                stats = disks.registry().stats(name).join();
            } catch (BdevException e) {
                if (all) {
                    // It has gone since the list was made.
                    continue;
                }
                throw e;
            }
            ObjectNode node = array.addObject();
            node.put("name", name);
            write(node, stats);
        }
    }

    private void channels(ObjectNode result, String name) throws BdevException {
        result.put("name", name);
        ArrayNode array = result.putArray("channels");
        Map<Reactor, BdevStats> all = disks.registry().reactorStats(name).join();
        List<Reactor> threads = reactors.list();
        for (int i = 0; i < threads.size(); i++) {
            BdevStats stats = all.get(threads.get(i));
            if (stats != null) {
                ObjectNode node = array.addObject();
                node.put("thread_id", ReactorMethods.id(i));
                write(node, stats);
            }
        }
    }

    private JsonNode byReactor() {
        ObjectNode result = Json.object();
        result.put("tick_rate", ReactorMethods.TICK_RATE);
        result.put("ticks", System.nanoTime());
        ArrayNode array = result.putArray("reactors");
        Map<Reactor, BdevStats> served = disks.registry().served().join();
        List<Reactor> all = reactors.list();
        for (int i = 0; i < all.size(); i++) {
            ObjectNode node = array.addObject();
            node.put("name", all.get(i).name());
            node.put("thread_id", ReactorMethods.id(i));
            write(node, served.getOrDefault(all.get(i), BdevStats.NONE));
        }
        return result;
    }

    private JsonNode reset(Params params) throws BdevException {
        Optional<String> name = params.optionalString("name");
        reset(name.isPresent() ? Optional.of(canonical(List.of(name.get()))) : Optional.empty(), params.string("mode"));
        return Json.done();
    }

    /** Of some disks; empty: of all, also of those that are gone. */
    private void reset(Optional<List<String>> names, String mode) throws BdevException {
        StatsReset which = MODES.get(mode);
        if (which == null) {
            return;
        }
        if (names.isEmpty()) {
            disks.registry().resetStats(which).join();
            return;
        }
        for (String name : names.get()) {
            disks.registry().resetStats(name, which).join();
        }
    }

    private List<String> all() {
        return disks.registry().list().stream()
                .map(entry -> entry.info().name())
                .toList();
    }

    private List<String> canonical(List<String> names) throws BdevException {
        List<String> result = new ArrayList<>();
        for (String name : names) {
            BdevRegistry.Entry entry = disks.registry().find(name);
            result.add(entry.info().name());
        }
        return result;
    }

    private static void write(ObjectNode node, BdevStats stats) {
        counts(node, "read", "bytes_read", stats.of(IoType.READ));
        counts(node, "write", "bytes_written", stats.of(IoType.WRITE));
        counts(node, "unmap", "bytes_unmapped", stats.of(IoType.UNMAP));
        counts(node, "copy", "bytes_copied", stats.of(IoType.COPY));
        latencies(node, "read", stats.of(IoType.READ));
        latencies(node, "write", stats.of(IoType.WRITE));
        latencies(node, "unmap", stats.of(IoType.UNMAP));
        latencies(node, "copy", stats.of(IoType.COPY));
        long failed = 0;
        for (IoType type : IoType.values()) {
            failed += stats.of(type).errors();
        }
        ObjectNode errors = node.putObject("io_error");
        if (failed > 0) {
            errors.put("failed", failed);
        }
    }

    private static void counts(ObjectNode node, String type, String bytes, BdevStats.Entry entry) {
        node.put(bytes, entry.bytes());
        node.put("num_" + type + "_ops", entry.operations());
    }

    private static void latencies(ObjectNode node, String type, BdevStats.Entry entry) {
        node.put(type + "_latency_ticks", entry.latencyNs());
        node.put("max_" + type + "_latency_ticks", entry.maxLatencyNs());
        node.put("min_" + type + "_latency_ticks", entry.minLatencyNs());
    }
}
