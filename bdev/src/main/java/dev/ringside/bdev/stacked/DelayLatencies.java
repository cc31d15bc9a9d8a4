package dev.ringside.bdev.stacked;

import dev.ringside.bdev.IoType;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultAction;
import dev.ringside.bdev.fault.Latency;
import dev.ringside.bdev.fault.LiveFault;
import java.util.List;
import java.util.Set;

/**
 * What a delay bdev adds to reads and writes, in ns, at least 0.
 *
 * @param p99ReadNs what one read in a hundred gets instead
 * @param p99WriteNs what one write in a hundred gets instead
 */
public record DelayLatencies(long avgReadNs, long p99ReadNs, long avgWriteNs, long p99WriteNs) {

    /**
     * The faults that do so; they are new each time.
     *
     * @param seed decides which requests are the slow ones
     */
    public List<LiveFault> faults(long seed) {
        return List.of(
                delay(IoType.READ, new Latency.Tail(avgReadNs, p99ReadNs), seed),
                delay(IoType.WRITE, new Latency.Tail(avgWriteNs, p99WriteNs), seed));
    }

    private static LiveFault delay(IoType type, Latency latency, long seed) {
        return new LiveFault(Fault.always(Set.of(type), new FaultAction.Delay(latency)), seed, System.nanoTime());
    }
}
