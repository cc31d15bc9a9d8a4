package dev.ringside.bdev.fault;

/** A distribution of times, in ns. Drawing allocates nothing. */
public sealed interface Latency {

    /**
     * A time.
     *
     * @param unit a number at random, from 0 to below 1
     */
    long at(double unit);

    /** Always the same. */
    record Fixed(long ns) implements Latency {
        @Override
        public long at(double unit) {
            return ns;
        }
    }

    /** Any from {@code minNs} to {@code maxNs}, as likely as any other. */
    record Uniform(long minNs, long maxNs) implements Latency {
        @Override
        public long at(double unit) {
            return minNs + (long) (unit * (maxNs - minNs));
        }
    }

    /** Mostly short, seldom long, {@code meanNs} on the average. */
    record Exponential(long meanNs) implements Latency {
        @Override
        public long at(double unit) {
            return (long) (-Math.log(1 - unit) * meanNs);
        }
    }

    /** One in a hundred is {@code p99Ns}, the others are {@code usualNs}. */
    record Tail(long usualNs, long p99Ns) implements Latency {
        @Override
        public long at(double unit) {
            return unit < 0.01 ? p99Ns : usualNs;
        }
    }
}
