package dev.ringside.daemon.rpc;

import dev.ringside.rpc.error.RpcException;
import dev.ringside.rpc.schema.ParamSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import tools.jackson.databind.node.ObjectNode;

/** Times after which drivers lose patience: in milliseconds for them, and in microseconds for clients, as SPDK has them. */
final class DriverTimes {
    private static final int US_PER_MS = 1000;
    private static final long LONGEST_US = 3_600_000_000L;

    private DriverTimes() {}

    /** A parameter that is such a time, of a millisecond to an hour. */
    static ParamSpec timeout(String name, int absentMs, String description) {
        return param(name, US_PER_MS, absentMs, description);
    }

    /** A parameter that is such a time, of nothing to an hour. */
    static ParamSpec patience(String name, int absentMs, String description) {
        return param(name, 0, absentMs, description);
    }

    /** As {@link #timeout}, or 0 for what is not given, as configurations have it that SPDK has saved. */
    static ParamSpec timeoutOrDefault(String name, int absentMs, String description) {
        return param(
                name,
                0,
                absentMs,
                description + " At least " + US_PER_MS
                        + ", or 0: as if it were not given; no command is waited for for ever.");
    }

    /**
     * What was asked for, in milliseconds.
     *
     * @param absentMs if nothing was
     * @throws RpcException if it is less than a millisecond
     */
    static int msOrDefault(Params params, String name, int absentMs) {
        long us = params.integer(name);
        if (us > 0 && us < US_PER_MS) {
            throw RpcException.invalidParams(
                    "parameter '" + name + "' must be 0, or from " + US_PER_MS + " to " + LONGEST_US + ", not " + us);
        }
        return us == 0 ? absentMs : ms(params, name);
    }

    private static ParamSpec param(String name, int leastUs, int absentMs, String description) {
        return ParamSpec.optional(
                name, ParamType.integer(leastUs, LONGEST_US), (long) absentMs * US_PER_MS, description);
    }

    /** What was asked for, in milliseconds. */
    static int ms(Params params, String name) {
        return (int) (params.integer(name) / US_PER_MS);
    }

    /** Into a call's parameters. */
    static void put(ObjectNode params, String name, int ms) {
        params.put(name, (long) ms * US_PER_MS);
    }
}
