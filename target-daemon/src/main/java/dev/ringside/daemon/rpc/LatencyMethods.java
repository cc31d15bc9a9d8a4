package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.Timing;
import dev.ringside.bdev.latency.Span;
import dev.ringside.bdev.latency.Spans;
import dev.ringside.daemon.insight.Diagnosis;
import dev.ringside.daemon.insight.Watch;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.Controllers;
import dev.ringside.daemon.target.Disks;
import dev.ringside.env.reactor.LongestLoop;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.TimedQueue;
import dev.ringside.vhost.VhostController;
import dev.ringside.vhost.VhostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Where time goes: in the disks, in the queues of guests, and in the loops of reactors. */
final class LatencyMethods {
    private static final String ENABLE = "bdev_enable_histogram";
    private static final String SLOW = "slow_io_us";
    /** An hour. */
    private static final long MOST_SLOW_US = 3_600_000_000L;

    private static final ParamSpec BUCKETS =
            ParamSpec.optional("buckets", ParamType.bool(), false, "Whether the histogram of each part is told.");

    private final Disks disks;
    private final Controllers controllers;
    private final ControlLock control;
    private final Watch watch;

    LatencyMethods(Disks disks, Controllers controllers, ControlLock control, Watch watch) {
        this.disks = disks;
        this.controllers = controllers;
        this.control = control;
        this.watch = watch;
    }

    void register(MethodRegistry registry) {
        registry.register(
                MethodSpec.method(
                                ENABLE,
                                "Begins, with empty histograms, or ends to measure where the time of the requests on a disk"
                                        + " goes.")
                        .required("name", DiskParams.name(), "The disk, by its name or UUID.")
                        .param(ParamSpec.optional("enable", ParamType.bool(), true, "Whether it is measured."))
                        .param(ParamSpec.optional(
                                SLOW,
                                ParamType.integer(0, MOST_SLOW_US),
                                0,
                                "Requests of guests that take longer, in us, until they end in the block layer: of each disk"
                                        + " the slowest three of a second are logged, and the others counted; the slowest 32"
                                        + " of each virtqueue are JFR events; 0: none are. Not one of SPDK's."))
                        .build(),
                Failures.mapped(params -> control.change(() -> enable(params))));
        registry.register(
                MethodSpec.method(
                                "bdev_get_histogram",
                                "Tells how long requests on a disk took, from submission to end, in SPDK's form; the disk has"
                                        + " to be measured.")
                        .required("name", DiskParams.name(), "The disk, by its name or UUID.")
                        .returns(
                                "{histogram, granularity, min_range, max_range, tsc_rate}",
                                "The counters of the buckets, 64 bits each, little-endian, as base64; a tick is a ns.")
                        .build(),
                Failures.mapped(this::histogram));
        registerLatencies(registry);
        registerLoops(registry);
    }

    private void registerLatencies(MethodRegistry registry) {
        registry.register(
                MethodSpec.method(
                                "bdev_get_latency",
                                "Tells whether a disk is slow or the poller was late, for disks that are measured. Not one of"
                                        + " SPDK's.")
                        .optional(
                                "name",
                                DiskParams.name(),
                                "The disk, by its name or UUID; all that are measured if absent.")
                        .param(BUCKETS)
                        .returns(
                                "[{name, cause, shares{}, sentence, spans" + LatencyJson.SPANS + "}]",
                                "Which part of the way takes most of the time, each part's share of it from 0 to 1, and the"
                                        + " parts, " + LatencyJson.SPAN + ".")
                        .build(),
                Failures.mapped(this::latency));
        registry.register(
                MethodSpec.method(
                                "vhost_get_latency",
                                "Tells where the time of requests went for each queue whose disk is measured. Not one of"
                                        + " SPDK's.")
                        .optional("ctrlr", ControllerParams.name(), "The controller; all if absent.")
                        .param(BUCKETS)
                        .returns(
                                "[{ctrlr, queues[{session, index, reactor, cause, shares{}, sentence, spans"
                                        + LatencyJson.SPANS + "}]}]",
                                "As of bdev_get_latency, of the guests that are connected.")
                        .build(),
                Failures.mapped(this::queues));
    }

    private void registerLoops(MethodRegistry registry) {
        registry.register(
                MethodSpec.method(
                                "framework_get_loops",
                                "Tells how long the longest turn of each reactor's loop was, and what found work in it. Not one"
                                        + " of SPDK's.")
                        .param(ParamSpec.optional(
                                "reset", ParamType.bool(), false, "Whether the longest are forgotten afterwards."))
                        .returns(
                                "{stall_ns, reactors[{name, stalls, recent{ns, ran[{name, work}]}, worst{}}]}",
                                "The longest of the last second and of all; a turn from stall_ns on is a stall. All stalls are"
                                        + " counted, and the longest of each second is logged and is a JFR event.")
                        .build(),
                this::loops);
    }

    /** The calls that have those disks measured again that are now. */
    void config(ArrayNode calls) {
        for (String name : ConfigCalls.names(disks)) {
            timing(name).ifPresent(timing -> {
                ObjectNode params = ConfigCalls.add(calls, ENABLE);
                params.put("name", name);
                params.put("enable", true);
                if (timing.slowNs() > 0) {
                    params.put(SLOW, TimeUnit.NANOSECONDS.toMicros(timing.slowNs()));
                }
            });
        }
    }

    private JsonNode enable(Params params) throws BdevException {
        Optional<Timing> timing = params.bool("enable")
                ? Optional.of(new Timing(TimeUnit.MICROSECONDS.toNanos(params.integer(SLOW))))
                : Optional.empty();
        disks.registry().time(params.string("name"), timing).join();
        CompletableFuture.allOf(controllers.target().controllers().stream()
                        .map(VhostController::followTimes)
                        .toArray(CompletableFuture[]::new))
                .join();
        return Json.done();
    }

    private JsonNode histogram(Params params) throws BdevException {
        String name = measured(params.string("name"));
        ObjectNode result = Json.object();
        LatencyJson.histogram(result, disks.registry().spans(name).join().of(Span.BDEV));
        return result;
    }

    private JsonNode latency(Params params) throws BdevException {
        List<String> names = new ArrayList<>();
        Optional<String> one = params.optionalString("name");
        if (one.isPresent()) {
            names.add(measured(one.get()));
        } else {
            disks.registry().list().stream()
                    .map(entry -> entry.info().name())
                    .filter(name -> timing(name).isPresent())
                    .forEach(names::add);
        }
        ArrayNode result = Json.array();
        for (String name : names) {
            Spans spans = disks.registry().spans(name).join();
            ObjectNode node = result.addObject();
            node.put("name", name);
            describe(node, spans, params.bool("buckets"));
        }
        return result;
    }

    private JsonNode queues(Params params) throws VhostException {
        Optional<String> name = params.optionalString("ctrlr");
        List<VhostController> chosen = name.isPresent()
                ? List.of(controllers.target().find(name.get()))
                : controllers.target().controllers();
        ArrayNode result = Json.array();
        for (VhostController controller : chosen) {
            ObjectNode node = result.addObject();
            node.put("ctrlr", controller.name());
            ArrayNode queues = node.putArray("queues");
            for (TimedQueue timed : controller.timedQueues()) {
                ObjectNode queue = queues.addObject();
                queue.put("session", timed.session());
                queue.put("index", timed.index());
                queue.put("reactor", timed.reactor());
                describe(queue, timed.spans(), params.bool("buckets"));
            }
        }
        return result;
    }

    private JsonNode loops(Params params) {
        ObjectNode result = Json.object();
        result.put("stall_ns", LongestLoop.STALL_NS);
        ArrayNode reactors = result.putArray("reactors");
        watch.loops().forEach(loops -> LatencyJson.loops(reactors.addObject(), loops));
        if (params.bool("reset")) {
            watch.forgetLoops();
        }
        return result;
    }

    private static void describe(ObjectNode node, Spans spans, boolean buckets) {
        LatencyJson.diagnosis(node, Diagnosis.of(spans));
        LatencyJson.spans(node.putObject("spans"), spans, buckets);
    }

    /** The canonical name of a disk that is measured. */
    private String measured(String name) throws BdevException {
        String canonical = disks.registry().find(name).info().name();
        if (disks.registry().timing(canonical).isEmpty()) {
            throw RpcException.errno(Errno.EINVAL, "bdev " + canonical + " is not measured; " + ENABLE + " begins to");
        }
        return canonical;
    }

    private Optional<Timing> timing(String name) {
        try {
            return disks.registry().timing(name);
        } catch (BdevException e) {
            // It has been deleted meanwhile.
            return Optional.empty();
        }
    }
}
