package dev.ringside.bdev.qos;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoType;
import org.jspecify.annotations.Nullable;

/** What is left of some limits, for all who share them: the reactors of a device, or of all devices of a group. Any thread. */
public final class QosBudget {
    private final @Nullable RateBudget ios;
    private final @Nullable RateBudget bytes;
    private final @Nullable RateBudget readBytes;
    private final @Nullable RateBudget writeBytes;

    /**
     * Begins with all bursts whole.
     *
     * @param nowNs the present time, in ns of {@link System#nanoTime}
     */
    public QosBudget(QosLimits limits, long nowNs) {
        this.ios = budget(limits.ios(), nowNs);
        this.bytes = budget(limits.bytes(), nowNs);
        this.readBytes = budget(limits.readBytes(), nowNs);
        this.writeBytes = budget(limits.writeBytes(), nowNs);
    }

    /** Pays for a READ or WRITE; returns when its turn is, which may be before now. */
    long pay(BdevIo io, long nowNs) {
        long length = io.data().bytes();
        long dueNs = later(nowNs, ios, 1, nowNs);
        dueNs = later(dueNs, bytes, length, nowNs);
        return later(dueNs, io.type() == IoType.READ ? readBytes : writeBytes, length, nowNs);
    }

    /** The later of a time and of the turn that some units have. */
    private static long later(long dueNs, @Nullable RateBudget budget, long units, long nowNs) {
        if (budget == null) {
            return dueNs;
        }
        long turnNs = budget.pay(units, nowNs);
        return turnNs - dueNs > 0 ? turnNs : dueNs;
    }

    private static @Nullable RateBudget budget(RateLimit limit, long nowNs) {
        return limit.isNone() ? null : new RateBudget(limit, nowNs);
    }
}
