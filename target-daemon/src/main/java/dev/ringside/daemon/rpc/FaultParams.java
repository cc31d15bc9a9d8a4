package dev.ringside.daemon.rpc;

import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.fault.DeviceFault;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultAction;
import dev.ringside.bdev.fault.FaultRun;
import dev.ringside.bdev.fault.Latency;
import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.session.RingFault;
import java.util.EnumSet;
import java.util.Set;

/** Faults of disks, of virtqueues and of devices, as JSON has them. */
final class FaultParams {
    private static final long NS_PER_MS = 1_000_000;
    private static final long NS_PER_US = 1_000;
    private static final long HOUR_MS = 3_600_000;
    private static final long HOUR_US = HOUR_MS * 1_000;
    private static final long WITHOUT_END = 0;

    private static final ParamType TIME = ParamType.integer(0, HOUR_US);

    private static final ParamSpec PROBABILITY =
            ParamSpec.optional("probability", ParamType.number(1e-9, 1), "Of being hit; 1 if absent.");
    private static final ParamSpec COUNT = ParamSpec.optional(
            "count", ParamType.integer(0, Long.MAX_VALUE), WITHOUT_END, "How many are hit; 0: no end.");
    private static final ParamSpec AFTER = ParamSpec.optional(
            "after_ms", ParamType.integer(0, HOUR_MS), 0, "How long after the call the fault begins, in ms.");
    private static final ParamSpec FOR = ParamSpec.optional(
            "for_ms", ParamType.integer(0, HOUR_MS), WITHOUT_END, "How long it lasts, in ms; 0: until it is stopped.");
    private static final ParamSpec DISTRIBUTION = ParamSpec.optional(
            "distribution",
            ParamType.choice("fixed", "uniform", "exponential", "p99"),
            "fixed",
            "Of the time: latency_us; latency_us to max_latency_us; about latency_us; latency_us, and max_latency_us for one"
                    + " in a hundred.");
    private static final ParamSpec LATENCY = ParamSpec.optional("latency_us", TIME, 0, "The time, in us.");
    private static final ParamSpec MAX_LATENCY =
            ParamSpec.optional("max_latency_us", TIME, 0, "The longest time, in us; not below latency_us.");

    private FaultParams() {}

    /** What ends a request that fails. */
    private enum Status {
        IO_ERROR(IoStatus.IO_ERROR),
        NO_SPACE(IoStatus.NO_SPACE),
        NO_DEVICE(IoStatus.NO_DEVICE),
        NOT_SUPPORTED(IoStatus.NOT_SUPPORTED),
        READ_ONLY(IoStatus.READ_ONLY),
        ABORTED(IoStatus.ABORTED);

        private final int code;

        Status(int code) {
            this.code = code;
        }
    }

    private static Set<IoType> types() {
        return EnumSet.complementOf(EnumSet.of(IoType.RESET));
    }

    /** Of the requests to which an action can happen. */
    private static Set<IoType> types(FaultAction action) {
        Set<IoType> types = types();
        if (action instanceof FaultAction.Corrupt) {
            types.removeIf(type -> !type.movesData());
        }
        return types;
    }

    static ParamType ofBdev() {
        ParamType block = ParamType.integer(0, Long.MAX_VALUE);
        return ParamType.object(
                ParamSpec.required(
                        "action",
                        ParamType.choice("fail", "delay", "stick", "corrupt", "nomem"),
                        "Requests fail; are held for a time; are held until the fault ends; have a byte changed; find no"
                                + " room for now."),
                ParamSpec.optional(
                        "io_types",
                        ParamType.arrayOf(EnumParam.choice(types().toArray(IoType[]::new)), 1, IoType.count()),
                        "Which requests; all if absent. For corrupt only those with data: read, write and compare."),
                ParamSpec.optional("first_block", block, 0, "Only requests that touch this block or one after it."),
                ParamSpec.optional("last_block", block, Long.MAX_VALUE, "And this one or one before it."),
                PROBABILITY,
                COUNT,
                ParamSpec.optional(
                        "queue_depth",
                        ParamType.integer(0, Integer.MAX_VALUE - 1),
                        0,
                        "Only while a user has at least this many others in flight."),
                AFTER,
                FOR,
                ParamSpec.optional(
                        "status",
                        EnumParam.choice(Status.values()),
                        EnumParam.spelled(Status.IO_ERROR),
                        "What requests fail with."),
                DISTRIBUTION,
                LATENCY,
                MAX_LATENCY,
                ParamSpec.optional("corrupt_offset", ParamType.uint32(), 0, "Which byte of a request's data."),
                ParamSpec.optional("corrupt_value", ParamType.integer(1, 255), 255, "What the byte is XORed with."));
    }

    static ParamType ofVring() {
        return ParamType.object(
                ParamSpec.required(
                        "action",
                        EnumParam.choice(RingFault.Kind.values()),
                        "Batches of completions are shown some time later; are not shown until the fault ends; no requests"
                                + " are taken; the guest is called for nothing, again and again after the time."),
                ParamSpec.optional("queue", ParamType.integer(0, 65_535), "Index of the virtqueue; all if absent."),
                PROBABILITY,
                AFTER,
                FOR,
                DISTRIBUTION,
                LATENCY,
                MAX_LATENCY);
    }

    static ParamType ofDevice() {
        return ParamType.object(
                ParamSpec.required(
                        "action",
                        EnumParam.choice(DeviceFault.Kind.values()),
                        "What is written to registers does not arrive; nor does it, and registers read as all ones."),
                PROBABILITY,
                COUNT,
                AFTER,
                FOR);
    }

    static DeviceFault deviceFault(Params params, long seed, long nowNs) {
        return new DeviceFault(
                EnumParam.of(DeviceFault.Kind.class, params, "action"),
                new FaultRun(
                        params.optionalNumber("probability").orElse(1),
                        endless(params.integer("count")),
                        params.integer("after_ms") * NS_PER_MS,
                        forNs(params),
                        seed,
                        nowNs));
    }

    static RingFault ringFault(Params params, long seed, long nowNs) {
        RingFault.Kind kind = EnumParam.of(RingFault.Kind.class, params, "action");
        if (kind == RingFault.Kind.SPURIOUS_CALLS && params.integer("latency_us") == 0) {
            throw RpcException.invalidParams("parameter 'latency_us' must be at least 1 for spurious_calls");
        }
        return RingFault.of(
                kind,
                params.optionalInt("queue").orElse(RingFault.ALL),
                latency(params),
                params.optionalNumber("probability").orElse(1),
                params.integer("after_ms") * NS_PER_MS,
                forNs(params),
                seed,
                nowNs);
    }

    static Fault bdevFault(Params params) {
        Set<IoType> types = EnumSet.noneOf(IoType.class);
        params.strings("io_types").forEach(name -> types.add(EnumParam.of(IoType.class, name)));
        FaultAction action = action(params);
        Set<IoType> allowed = types(action);
        for (IoType type : types) {
            if (!allowed.contains(type)) {
                throw RpcException.invalidParams("parameter 'io_types': " + EnumParam.spelled(type)
                        + " has no data that corrupt could change; read, write and compare have");
            }
        }
        try {
            return new Fault(
                    types.isEmpty() ? allowed : types,
                    params.integer("first_block"),
                    params.integer("last_block"),
                    params.optionalNumber("probability").orElse(1),
                    endless(params.integer("count")),
                    params.int32("queue_depth"),
                    params.integer("after_ms") * NS_PER_MS,
                    forNs(params),
                    action);
        } catch (IllegalArgumentException e) {
            throw RpcException.invalidParams(String.valueOf(e.getMessage()));
        }
    }

    private static long forNs(Params params) {
        long ms = params.integer("for_ms");
        return ms == WITHOUT_END ? Fault.ENDLESS : ms * NS_PER_MS;
    }

    private static long endless(long count) {
        return count == WITHOUT_END ? Fault.ENDLESS : count;
    }

    private static FaultAction action(Params params) {
        return switch (params.string("action")) {
            case "delay" -> new FaultAction.Delay(latency(params));
            case "stick" -> new FaultAction.Stick();
            case "corrupt" -> new FaultAction.Corrupt(params.integer("corrupt_offset"), params.int32("corrupt_value"));
            case "nomem" -> new FaultAction.NoMemory();
            default -> new FaultAction.Fail(EnumParam.of(Status.class, params, "status").code);
        };
    }

    private static Latency latency(Params params) {
        long ns = params.integer("latency_us") * NS_PER_US;
        long mostNs = params.integer("max_latency_us") * NS_PER_US;
        return switch (params.string("distribution")) {
            case "uniform" -> {
                if (mostNs < ns) {
                    throw RpcException.invalidParams("parameter 'max_latency_us' is below latency_us");
                }
                yield new Latency.Uniform(ns, mostNs);
            }
            case "exponential" -> new Latency.Exponential(ns);
            case "p99" -> new Latency.Tail(ns, mostNs);
            default -> new Latency.Fixed(ns);
        };
    }
}
