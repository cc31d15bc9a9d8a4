package dev.ringside.benchmarks.load;

/**
 * What is to be done to a disk. The numbers are checked by whoever makes it.
 *
 * @param pattern which requests in which order
 * @param readPercent reads among 100 requests
 * @param blockSize bytes of a request: a multiple of 512 up to 1 MiB
 * @param queues how many queues, each with a thread
 * @param depth requests that each queue keeps in flight
 * @param rangeBytes bytes of the disk that are used, from its beginning; 0 for all
 * @param rate requests a second over all queues; 0 for as many as there can be
 * @param warmUpNs how long requests run before they are counted
 * @param timeNs how long they are counted
 * @param verify whether blocks are stamped, and checked when they are read back
 * @param fill whether each block is written once before anything else
 */
public record Workload(
        Pattern pattern,
        int readPercent,
        int blockSize,
        int queues,
        int depth,
        long rangeBytes,
        double rate,
        long warmUpNs,
        long timeNs,
        boolean verify,
        boolean fill) {
    /** Bytes of a sector, the unit of positions. */
    static final int SECTOR = 512;

    /** The same on another range. */
    public Workload withRange(long bytes) {
        return new Workload(
                pattern, readPercent, blockSize, queues, depth, bytes, rate, warmUpNs, timeNs, verify, fill);
    }

    /** The same for a disk that was written before. */
    public Workload withoutFill() {
        return new Workload(
                pattern, readPercent, blockSize, queues, depth, rangeBytes, rate, warmUpNs, timeNs, verify, false);
    }

    /** The same with other requests. */
    public Workload withRequests(Pattern other, int bytes, int inFlight) {
        return new Workload(
                other, other.readPercent(), bytes, queues, inFlight, rangeBytes, rate, warmUpNs, timeNs, verify, fill);
    }

    /** The same for other times. */
    public Workload withTimes(long warmUp, long time) {
        return new Workload(
                pattern, readPercent, blockSize, queues, depth, rangeBytes, rate, warmUp, time, verify, fill);
    }

    /** Whether there are requests that change the disk. */
    public boolean writes() {
        return readPercent < 100;
    }

    /** Whether there are requests that read. */
    public boolean reads() {
        return readPercent > 0;
    }
}
