package dev.ringside.benchmarks.load;

import java.util.Optional;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * What came of a load.
 *
 * @param requests that were completed in the measured time
 * @param seconds the measured time
 * @param iops requests a second, the queues' rates added up
 * @param latency of each request, in ns
 * @param ioErrors requests that the device failed, over the whole run
 * @param verifyErrors blocks that did not hold what was written, over the whole run
 * @param verifiedBlocks blocks that were checked, over the whole run
 * @param firstError the first of these errors in words
 * @param clientCpuSeconds processor time of the load's threads in the measured time
 * @param serverCpuSeconds that of the server, where it could be read
 */
public record LoadResult(
        long requests,
        double seconds,
        double iops,
        Histogram latency,
        long ioErrors,
        long verifyErrors,
        long verifiedBlocks,
        Optional<String> firstError,
        double clientCpuSeconds,
        OptionalDouble serverCpuSeconds) {

    /** Whether everything went well. */
    public boolean clean() {
        return ioErrors == 0 && verifyErrors == 0;
    }

    /** MiB a second. */
    public double mibPerSecond(int blockSize) {
        return iops * blockSize / (1 << 20);
    }

    /** Time of a request on one queue, in ns: for one request in flight its latency, for more the cost that counts. */
    public double nsPerRequest(int queues) {
        return iops == 0 ? 0 : 1e9 * queues / iops;
    }
}
