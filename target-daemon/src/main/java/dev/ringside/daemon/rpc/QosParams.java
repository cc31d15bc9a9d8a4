package dev.ringside.daemon.rpc;

import dev.ringside.bdev.qos.QosLimits;
import dev.ringside.bdev.qos.RateLimit;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamType;
import dev.ringside.rpc.schema.Params;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/** The parameters that are limits: SPDK's, and bursts. */
enum QosParams {
    RW_IOS("rw_ios", 1, "reads and writes", "") {
        @Override
        RateLimit of(QosLimits limits) {
            return limits.ios();
        }
    },
    RW_MBYTES("rw_mbytes", 1 << 20, "reads and writes", "MiB of ") {
        @Override
        RateLimit of(QosLimits limits) {
            return limits.bytes();
        }
    },
    R_MBYTES("r_mbytes", 1 << 20, "reads", "MiB of ") {
        @Override
        RateLimit of(QosLimits limits) {
            return limits.readBytes();
        }
    },
    W_MBYTES("w_mbytes", 1 << 20, "writes", "MiB of ") {
        @Override
        RateLimit of(QosLimits limits) {
            return limits.writeBytes();
        }
    };

    private static final ParamType LIMIT = ParamType.integer(0, 1_000_000_000);

    private final String rateKey;
    private final String burstKey;
    private final long unit;
    private final String what;

    QosParams(String key, long unit, String types, String of) {
        this.rateKey = key + "_per_sec";
        this.burstKey = key + "_burst";
        this.unit = unit;
        this.what = of + types;
    }

    abstract RateLimit of(QosLimits limits);

    static MethodSpec.Builder declare(MethodSpec.Builder method, String ifAbsent) {
        for (QosParams param : values()) {
            method.optional(param.rateKey, LIMIT, "Most " + param.what + " a second; 0: no limit; " + ifAbsent + ".");
            method.optional(
                    param.burstKey,
                    LIMIT,
                    "Most " + param.what + " at once after a rest; 0: those of 10 ms; " + ifAbsent + ".");
        }
        return method;
    }

    static boolean anyGiven(Params params) {
        return Arrays.stream(values()).anyMatch(param -> params.has(param.rateKey) || params.has(param.burstKey));
    }

    /** The limits that were there, with what was given. */
    static QosLimits changed(QosLimits before, Params params) {
        return new QosLimits(
                RW_IOS.changed(before.ios(), params),
                RW_MBYTES.changed(before.bytes(), params),
                R_MBYTES.changed(before.readBytes(), params),
                W_MBYTES.changed(before.writeBytes(), params));
    }

    private RateLimit changed(RateLimit before, Params params) {
        return new RateLimit(
                params.optionalLong(rateKey).orElse(before.perSecond() / unit) * unit,
                params.optionalLong(burstKey).orElse(before.burst() / unit) * unit);
    }

    /** Writes the rates, as SPDK's clients expect them. */
    static void putRates(ObjectNode node, QosLimits limits) {
        for (QosParams param : values()) {
            node.put(param.rateKey, param.of(limits).perSecond() / param.unit);
        }
    }

    /** Writes rates and bursts. */
    static void put(ObjectNode node, QosLimits limits) {
        putRates(node, limits);
        for (QosParams param : values()) {
            node.put(param.burstKey, param.of(limits).burst() / param.unit);
        }
    }
}
