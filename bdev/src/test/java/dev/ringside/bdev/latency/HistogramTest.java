package dev.ringside.bdev.latency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private static final int PER_RANGE = 1 << Histogram.GRANULARITY;

    @Test
    void bucketsAreThoseOfSpdk() {
        // Of the first two ranges each has one value; each range after that counts twice as many in a bucket.
        for (int value = 0; value < 2 * PER_RANGE; value++) {
            assertThat(Histogram.bucketOf(value)).isEqualTo(value);
        }
        assertThat(Histogram.bucketOf(2 * PER_RANGE)).isEqualTo(2 * PER_RANGE);
        assertThat(Histogram.bucketOf(2 * PER_RANGE + 1)).isEqualTo(2 * PER_RANGE);
        assertThat(Histogram.bucketOf(2 * PER_RANGE + 2)).isEqualTo(2 * PER_RANGE + 1);
        assertThat(Histogram.bucketOf(Long.MAX_VALUE)).isEqualTo(Histogram.BUCKETS - PER_RANGE - 1);
        assertThat(Histogram.BUCKETS).isEqualTo((Long.SIZE - Histogram.GRANULARITY + 1) * PER_RANGE);
    }

    @Test
    void aBucketEndsWhereTheNextBegins() {
        for (int bucket = 0; bucket < Histogram.BUCKETS - PER_RANGE - 1; bucket++) {
            long last = Histogram.lastOf(bucket);
            assertThat(Histogram.bucketOf(last)).isEqualTo(bucket);
            assertThat(Histogram.bucketOf(last + 1)).isEqualTo(bucket + 1);
        }
    }

    @Test
    void percentilesAreAsExactAsABucketIsWide() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        Histogram histogram = new Histogram();
        long[] values = random.longs(10_000, 0, 50_000_000).sorted().toArray();
        for (long value : values) {
            histogram.record(value);
        }
        for (double share : new double[] {0.001, 0.5, 0.9, 0.99, 0.999, 1}) {
            long exact = values[(int) Math.ceil(share * values.length) - 1];
            assertThat(histogram.percentileNs(share))
                    .as("-Dseed=%d, share %s", seed, share)
                    .isBetween(exact, exact + exact / PER_RANGE + 1);
        }
        assertThat(histogram.maxNs()).isEqualTo(values[values.length - 1]);
        assertThat(histogram.count()).isEqualTo(values.length);
        assertThat(histogram.below(1 << 20))
                .isEqualTo(java.util.Arrays.stream(values)
                        .filter(value -> value < 1 << 20)
                        .count());
    }

    @Test
    void histogramsAddUp() {
        Histogram one = new Histogram();
        Histogram other = new Histogram();
        one.record(7);
        other.record(1000);
        other.record(-5);
        one.add(other);
        assertThat(one.count()).isEqualTo(3);
        assertThat(one.sumNs()).isEqualTo(1007);
        assertThat(one.meanNs()).isEqualTo(335);
        assertThat(one.maxNs()).isEqualTo(1000);
        assertThat(one.inBucket(0)).isEqualTo(1);
        assertThat(new Histogram().percentileNs(0.5)).isZero();
        assertThat(new Histogram().meanNs()).isZero();
    }
}
