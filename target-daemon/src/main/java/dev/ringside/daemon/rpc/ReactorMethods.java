package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.daemon.target.CoreTimes;
import dev.ringside.daemon.target.Disks;
import dev.ringside.daemon.target.Reactors;
import dev.ringside.env.reactor.PollerStats;
import dev.ringside.env.reactor.ReactorStats;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reactors, threads and pollers. What SPDK calls a thread is here a reactor's only one, so that each reactor has one
 * thread of its own name. Monitors decode these objects strictly: they carry these keys and no others. A tick is a
 * nanosecond.
 */
final class ReactorMethods {
    /** Ticks in a second. */
    static final long TICK_RATE = 1_000_000_000;

    private final Reactors reactors;
    private final Disks disks;

    ReactorMethods(Reactors reactors, Disks disks) {
        this.reactors = reactors;
        this.disks = disks;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("framework_get_reactors", "Tells what each reactor did so far.")
                        .returns(
                                "{tick_rate, pid, reactors[{lcore, tid, busy, idle, in_interrupt, irq, sys, usr,"
                                        + " lw_threads[{name, id, cpumask, elapsed}]}]}",
                                "busy, idle and elapsed are in ticks; irq, sys and usr are the core's, of all processes, in 1/100 s.")
                        .build(),
                params -> list());
        registry.register(
                MethodSpec.method("thread_get_stats", "Tells how busy each thread was so far.")
                        .returns(
                                "{tick_rate, threads[{name, id, cpumask, busy, idle, active_pollers_count, timed_pollers_count,"
                                        + " paused_pollers_count}]}",
                                "busy and idle are in ticks.")
                        .build(),
                params -> threads());
        registry.register(
                MethodSpec.method("thread_get_pollers", "Lists the pollers of each thread.")
                        .returns(
                                "{tick_rate, threads[{name, id, active_pollers[], timed_pollers[], paused_pollers[]}]},"
                                        + " a poller is {name, id, state, run_count, busy_count, period_ticks?}",
                                "How often each ran, and found work; timed ones have a period in ticks.")
                        .build(),
                params -> pollers());
        registry.register(
                MethodSpec.method("thread_get_io_channels", "Lists the ways to disks that are open on each thread.")
                        .returns(
                                "{tick_rate, threads[{name, io_channels[{name, ref}]}]}",
                                "The disks, and by how many users each is open.")
                        .build(),
                params -> channels());
    }

    private JsonNode list() throws IOException {
        ObjectNode result = Json.object();
        result.put("tick_rate", TICK_RATE);
        result.put("pid", ProcessHandle.current().pid());
        ArrayNode array = result.putArray("reactors");
        List<ReactorStats> all = reactors.stats();
        for (int i = 0; i < all.size(); i++) {
            ReactorStats stats = all.get(i);
            CoreTimes times = CoreTimes.of(stats.core());
            ObjectNode reactor = array.addObject();
            reactor.put("lcore", stats.core());
            reactor.put("tid", stats.tid());
            reactor.put("busy", stats.busyNs());
            reactor.put("idle", stats.idleNs());
            reactor.put("in_interrupt", stats.interruptMode());
            reactor.put("irq", times.irq());
            reactor.put("sys", times.system());
            reactor.put("usr", times.user());
            ObjectNode thread = reactor.putArray("lw_threads").addObject();
            thread.put("name", stats.name());
            thread.put("id", id(i));
            thread.put("cpumask", mask(stats));
            thread.put("elapsed", stats.elapsedNs());
        }
        return result;
    }

    private JsonNode threads() {
        return eachThread((thread, stats) -> {
            thread.put("cpumask", mask(stats));
            thread.put("busy", stats.busyNs());
            thread.put("idle", stats.idleNs());
            thread.put("active_pollers_count", stats.active().size());
            thread.put("timed_pollers_count", stats.timed().size());
            thread.put("paused_pollers_count", 0);
        });
    }

    private JsonNode pollers() {
        return eachThread((thread, stats) -> {
            ArrayNode active = thread.putArray("active_pollers");
            stats.active().forEach(poller -> add(active, poller));
            ArrayNode timed = thread.putArray("timed_pollers");
            stats.timed().forEach(poller -> add(timed, poller));
            thread.putArray("paused_pollers");
        });
    }

    /** A reactor is one thread: its name and number, and what is told of it. */
    private JsonNode eachThread(BiConsumer<ObjectNode, ReactorStats> told) {
        ObjectNode result = Json.object();
        result.put("tick_rate", TICK_RATE);
        ArrayNode array = result.putArray("threads");
        List<ReactorStats> all = reactors.stats();
        for (int i = 0; i < all.size(); i++) {
            ObjectNode thread = array.addObject();
            thread.put("name", all.get(i).name());
            thread.put("id", id(i));
            told.accept(thread, all.get(i));
        }
        return result;
    }

    private JsonNode channels() {
        ObjectNode result = Json.object();
        result.put("tick_rate", TICK_RATE);
        ArrayNode array = result.putArray("threads");
        for (ReactorStats stats : reactors.stats()) {
            ObjectNode thread = array.addObject();
            thread.put("name", stats.name());
            ArrayNode channels = thread.putArray("io_channels");
            for (BdevRegistry.Entry entry : disks.registry().list()) {
                int open = openChannels(entry.info().name(), stats.core());
                if (open > 0) {
                    ObjectNode channel = channels.addObject();
                    channel.put("name", entry.info().name());
                    channel.put("ref", open);
                }
            }
        }
        return result;
    }

    private int openChannels(String bdev, int core) {
        try {
            return disks.registry().channels(bdev).entrySet().stream()
                    .filter(channel -> channel.getKey().core() == core)
                    .mapToInt(Map.Entry::getValue)
                    .sum();
        } catch (BdevException e) {
            // It has gone since the list was made, and its channels with it.
            return 0;
        }
    }

    private static void add(ArrayNode array, PollerStats stats) {
        ObjectNode poller = array.addObject();
        poller.put("name", stats.name());
        poller.put("id", stats.id());
        poller.put("state", "waiting");
        poller.put("run_count", stats.runCount());
        poller.put("busy_count", stats.busyCount());
        if (stats.periodNs() > 0) {
            poller.put("period_ticks", stats.periodNs());
        }
    }

    /** Threads are numbered from 1, as monitors expect. */
    static int id(int index) {
        return index + 1;
    }

    /** In hexadecimal without a prefix, as monitors expect. */
    private static String mask(ReactorStats stats) {
        return java.math.BigInteger.ONE.shiftLeft(stats.core()).toString(16);
    }
}
