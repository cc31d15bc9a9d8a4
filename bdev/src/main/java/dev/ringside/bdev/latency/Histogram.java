package dev.ringside.bdev.latency;

/**
 * Counts times in buckets that are as wide as a sixteenth of what they count: SPDK's layout (include/spdk/histogram_data.h) of
 * granularity {@value #GRANULARITY}. Each power of two is cut into as many buckets as the first range has values, so that a
 * bucket is found with one count of leading zeroes. Owned by one thread; {@link #record} allocates nothing.
 */
public final class Histogram {
    /** Binary logarithm of the number of buckets for each power of two. */
    public static final int GRANULARITY = 4;

    private static final int PER_RANGE = 1 << GRANULARITY;
    /** The last range; the first two have buckets for one value each. */
    public static final int LAST_RANGE = Long.SIZE - GRANULARITY;
    /** How many buckets there are. */
    public static final int BUCKETS = (LAST_RANGE + 1) * PER_RANGE;

    private final long[] counts = new long[BUCKETS];
    private long count;
    private long sumNs;
    private long maxNs;

    /** Makes an empty one. */
    public Histogram() {}

    /** Counts a time in ns; one below 0 counts as 0. */
    public void record(long ns) {
        long value = Math.max(0, ns);
        counts[bucketOf(value)]++;
        count++;
        sumNs += value;
        if (value > maxNs) {
            maxNs = value;
        }
    }

    /** Counts what another one has counted. */
    public void add(Histogram other) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        sumNs += other.sumNs;
        maxNs = Math.max(maxNs, other.maxNs);
    }

    /** How many times were counted. */
    public long count() {
        return count;
    }

    /** Their sum, in ns. */
    public long sumNs() {
        return sumNs;
    }

    /** The longest, in ns; 0 if there is none. */
    public long maxNs() {
        return maxNs;
    }

    /** Their mean, in ns; 0 if there is none. */
    public long meanNs() {
        return count == 0 ? 0 : sumNs / count;
    }

    /** How many were counted in a bucket, from 0 to {@link #BUCKETS} - 1. */
    public long inBucket(int bucket) {
        return counts[bucket];
    }

    /**
     * How long at most a share of the times was, in ns: the end of the bucket in which it is reached, or the longest time.
     *
     * @param share from 0 to 1, for example 0.99
     */
    public long percentileNs(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int i = 0; i < BUCKETS && count > 0; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return Math.min(maxNs, lastOf(i));
            }
        }
        return 0;
    }

    /** How many were shorter than a power of two, in ns. */
    public long below(long powerOfTwo) {
        long sum = 0;
        int end = bucketOf(powerOfTwo);
        for (int i = 0; i < end; i++) {
            sum += counts[i];
        }
        return sum;
    }

    /** The bucket that counts a value; not negative. */
    static int bucketOf(long value) {
        int range = Math.max(0, LAST_RANGE - Long.numberOfLeadingZeros(value));
        int shift = Math.max(0, range - 1);
        return (range << GRANULARITY) + (int) (value >>> shift & PER_RANGE - 1);
    }

    /** The longest time that a bucket counts, in ns; one of the last range, which no time reaches, has none. */
    public static long lastOf(int bucket) {
        int range = bucket >>> GRANULARITY;
        long index = bucket & PER_RANGE - 1;
        return range == 0 ? index : ((PER_RANGE + index + 1) << (range - 1)) - 1;
    }
}
