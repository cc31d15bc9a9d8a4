package dev.ringside.benchmarks.load;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * What came of a load.
 *
 * @param seconds the measured time
 * @param latency of each request, in ns
 * @param ioErrors requests that the device failed, over the whole run
 * @param verifyErrors blocks that did not hold what was written, over the whole run
 * @param verifiedBlocks blocks that were checked, over the whole run
 * @param firstError the first of these errors in words
 * @param cores what each of the load's threads has done
 * @param serverCpuSeconds processor time of the server in the measured time, where it could be read
 */
public record LoadResult(
        double seconds,
        Histogram latency,
        long ioErrors,
        long verifyErrors,
        long verifiedBlocks,
        Optional<String> firstError,
        List<CoreShare> cores,
        OptionalDouble serverCpuSeconds) {

    /** Requests that were completed in the measured time. */
    public long requests() {
        return cores.stream().mapToLong(CoreShare::requests).sum();
    }

    /** Requests a second, the rates of all queues added up. */
    public double iops() {
        return cores.stream().mapToDouble(CoreShare::iops).sum();
    }

    /** Processor time of the load's threads in the measured time. */
    public double clientCpuSeconds() {
        return cores.stream().mapToDouble(CoreShare::cpuSeconds).sum();
    }

    /** Whether everything went well. */
    public boolean clean() {
        return ioErrors == 0 && verifyErrors == 0;
    }

    /** MiB a second. */
    public double mibPerSecond(int blockSize) {
        return iops() * blockSize / (1 << 20);
    }

    /** Time of a request on one queue, in ns: for one request in flight its latency, for more the cost that counts. */
    public double nsPerRequest(int queues) {
        double all = iops();
        return all == 0 ? 0 : 1e9 * queues / all;
    }
}
