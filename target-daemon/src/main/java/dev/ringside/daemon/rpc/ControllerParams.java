package dev.ringside.daemon.rpc;

import dev.ringside.daemon.target.Reactors;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.rpc.error.Errno;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import dev.ringside.vhost.VhostException;
import java.util.stream.Collectors;

/** Parameters that the methods for controllers have in common. */
final class ControllerParams {
    private static final int LONGEST_NAME = 100;

    private ControllerParams() {}

    static ParamType name() {
        return ParamType.string(1, LONGEST_NAME);
    }

    /** The name of a new controller, and its cores. */
    static MethodSpec.Builder creation(MethodSpec.Builder method) {
        return method.required("ctrlr", name(), "Name of the controller, and of its socket in the vhost directory.");
    }

    static MethodSpec.Builder cpus(MethodSpec.Builder method) {
        return method.optional(
                "cpumask",
                ParamType.string(),
                "The cores whose reactors serve the queues: a mask such as 0x3 or a list such as [0,1]; all reactors if"
                        + " absent.");
    }

    static CpuSet cpus(Params params, Reactors reactors) throws VhostException {
        String text = params.optionalString("cpumask")
                .orElseGet(() -> reactors.list().stream()
                        .map(Reactor::core)
                        .map(core -> Integer.toString(core))
                        .collect(Collectors.joining(",", "[", "]")));
        try {
            return CpuSet.parse(text);
        } catch (IllegalArgumentException e) {
            throw new VhostException(Errno.EINVAL, String.valueOf(e.getMessage()));
        }
    }
}
