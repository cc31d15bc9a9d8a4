package dev.ringside.daemon.rpc;

import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.fault.DeviceFault;
import dev.ringside.bdev.fault.FaultRun;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.daemon.target.ControlLock;
import dev.ringside.daemon.target.FaultInjections;
import dev.ringside.daemon.target.FaultInjections.Injection;
import dev.ringside.daemon.target.FaultInjections.Target;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.method.MethodHandler;
import dev.ringside.rpc.method.MethodRegistry;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.VhostException;
import dev.ringside.vhost.session.RingFault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Faults for operators who try what guests make of them, and for tests. Refused unless the daemon was started for that. */
final class FaultMethods {
    private static final int MOST_FAULTS = 64;

    private final FaultInjections injections;
    private final ControlLock control;
    /** What was asked for, by the number of the injection; guarded by the control lock. */
    private final Map<Integer, Asked> asked = new HashMap<>();

    FaultMethods(FaultInjections injections, ControlLock control) {
        this.injections = injections;
        this.control = control;
    }

    private record Asked(long seed, JsonNode faults) {}

    void register(MethodRegistry registry) {
        registry.register(
                injection(
                        "fault_inject_bdev",
                        "Gives a disk faults, until they are over or stopped. Refused without serve --allow-faults.",
                        ParamSpec.required("name", DiskParams.name(), "The disk, by its name or UUID."),
                        FaultParams.ofBdev(),
                        "The faults; the first that hits a request decides what happens to it."),
                guarded(params -> control.change(() -> injectBdev(params))));
        registry.register(
                injection(
                        "fault_inject_device",
                        "Gives a device that the daemon drives itself, an NVMe controller or a SAS adapter, faults of its"
                                + " registers, until they are over, stopped, or the device is detached. Refused without"
                                + " serve --allow-faults.",
                        ParamSpec.required("traddr", PciParams.address(), "The PCI address, such as 0000:3b:00.0."),
                        FaultParams.ofDevice(),
                        "The faults."),
                guarded(params -> control.change(() -> injectDevice(params))));
        registry.register(
                injection(
                        "fault_inject_vring",
                        "Gives the virtqueues of a controller that run now faults, until they are over, stopped, or the"
                                + " virtqueue stops. Refused without serve --allow-faults.",
                        ParamSpec.required("ctrlr", DiskParams.name(), "The controller."),
                        FaultParams.ofVring(),
                        "The faults."),
                guarded(params -> control.change(() -> injectVring(params))));
        registerOthers(registry);
    }

    private void registerOthers(MethodRegistry registry) {
        registry.register(
                MethodSpec.method("fault_get_injections", "Lists the faults that there are.")
                        .returns(
                                "[{id, bdev or ctrlr or traddr, seed, faults[{..., hits}]}]",
                                "As they were given, with how often each has hit: requests, batches of completions, calls,"
                                        + " looks at a stalled queue, or accesses of registers.")
                        .build(),
                params -> control.change(this::list));
        registry.register(
                MethodSpec.method("fault_stop", "Ends all faults, or those of one call; what they hold goes on.")
                        .optional("id", ParamType.integer(1, Integer.MAX_VALUE), "The number; all if absent.")
                        .build(),
                guarded(params -> control.change(() -> stop(params))));
    }

    private static MethodSpec injection(
            String method, String summary, ParamSpec target, ParamType fault, String faults) {
        return MethodSpec.method(method, summary)
                .param(target)
                .required("faults", ParamType.arrayOf(fault, 1, MOST_FAULTS), faults)
                .optional(
                        "seed",
                        ParamType.int64(),
                        "Repeats what happened at random, for the same requests; at random if absent.")
                .returns("id", "A number, for fault_stop.")
                .build();
    }

    private MethodHandler guarded(MethodHandler handler) {
        return Failures.mapped(params -> {
            if (!injections.allowed()) {
                throw RpcException.wrongState("faults are refused: this daemon was not started with --allow-faults");
            }
            return handler.call(params);
        });
    }

    private JsonNode injectBdev(Params params) throws BdevException {
        long seed = seed(params);
        long nowNs = System.nanoTime();
        List<LiveFault> faults = new ArrayList<>();
        for (Params fault : params.objects("faults")) {
            faults.add(new LiveFault(FaultParams.bdevFault(fault), seed + faults.size(), nowNs));
        }
        return given(injections.inject(params.string("name"), faults), seed, params);
    }

    private JsonNode injectVring(Params params) throws VhostException, BdevException {
        long seed = seed(params);
        long nowNs = System.nanoTime();
        List<RingFault> faults = new ArrayList<>();
        for (Params fault : params.objects("faults")) {
            faults.add(FaultParams.ringFault(fault, seed + faults.size(), nowNs));
        }
        return given(injections.injectRings(params.string("ctrlr"), faults), seed, params);
    }

    private JsonNode injectDevice(Params params) throws BdevException {
        long seed = seed(params);
        long nowNs = System.nanoTime();
        List<DeviceFault> faults = new ArrayList<>();
        for (Params fault : params.objects("faults")) {
            faults.add(FaultParams.deviceFault(fault, seed + faults.size(), nowNs));
        }
        return given(injections.injectDevice(PciParams.address(params), faults), seed, params);
    }

    private static long seed(Params params) {
        return params.optionalLong("seed")
                .orElseGet(() -> ThreadLocalRandom.current().nextLong());
    }

    private JsonNode given(int id, long seed, Params params) {
        asked.put(id, new Asked(seed, params.json("faults")));
        return Json.object().numberNode(id);
    }

    private JsonNode list() {
        List<Injection> there = injections.list();
        asked.keySet().retainAll(there.stream().map(Injection::id).toList());
        ArrayNode result = Json.array();
        there.forEach(injection -> describe(result.addObject(), injection));
        return result;
    }

    private void describe(ObjectNode node, Injection injection) {
        node.put("id", injection.id());
        node.put(
                switch (injection.target()) {
                    case Target.OfBdev disk -> "bdev";
                    case Target.OfController controller -> "ctrlr";
                    case Target.OfDevice device -> "traddr";
                },
                injection.target().name());
        Asked what = asked.get(injection.id());
        if (what == null) {
            throw new IllegalStateException("nobody asked for injection " + injection.id());
        }
        node.put("seed", what.seed());
        ArrayNode faults = node.putArray("faults");
        List<FaultRun> runs = injection.target().runs();
        for (int i = 0; i < runs.size(); i++) {
            ObjectNode fault = faults.addObject();
            what.faults().get(i).properties().forEach(member -> fault.set(member.getKey(), member.getValue()));
            fault.put("hits", runs.get(i).hits());
        }
    }

    private JsonNode stop(Params params) throws BdevException {
        OptionalInt id = params.optionalInt("id");
        if (id.isPresent()) {
            injections.stop(id.getAsInt());
        } else {
            injections.close();
        }
        return Json.done();
    }
}
