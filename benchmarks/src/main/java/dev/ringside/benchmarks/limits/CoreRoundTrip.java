package dev.ringside.benchmarks.limits;

import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How long a cache line takes to another core and another one back: two threads that answer each other.
 *
 * @param medianNs ns of a round trip, as it is most of the time
 * @param worstNs ns of the longest of 10,000: what the machine does besides takes a core away from a thread
 */
record CoreRoundTrip(double medianNs, long worstNs) {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final long THERE = 0;
    /** Beyond what the hardware fetches together with the other. */
    private static final long BACK = 512;

    private static final int ROUNDS = 20_000;
    private static final long STOP = -1;
    /** How long single round trips are timed. */
    private static final long SINGLE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final double ONE_OF_10_000 = 99.99;

    /**
     * Measures.
     *
     * @param repeats how many times to measure; the median is taken
     */
    static CoreRoundTrip measure(int first, int second, int repeats) throws LinuxException {
        double[] results = new double[repeats];
        Histogram single = new Histogram(3);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment lines = arena.allocate(1024, 128);
            PinnedThread answering = new PinnedThread(second, () -> answer(lines));
            new PinnedThread(first, () -> ask(lines, results, single)).join();
            answering.join();
        }
        Arrays.sort(results);
        return new CoreRoundTrip(results[repeats / 2], single.getValueAtPercentile(ONE_OF_10_000));
    }

    private static void ask(MemorySegment lines, double[] results, Histogram single) {
        long number = 0;
        try {
            for (int i = -3; i < results.length; i++) {
                long start = System.nanoTime();
                for (int round = 0; round < ROUNDS; round++) {
                    ask(lines, ++number);
                }
                long time = System.nanoTime() - start;
                if (i >= 0) {
                    results[i] = (double) time / ROUNDS;
                }
            }
            long end = System.nanoTime() + SINGLE_NS;
            long now = System.nanoTime();
            while (now - end < 0) {
                ask(lines, ++number);
                long before = now;
                now = System.nanoTime();
                single.recordValue(now - before);
            }
        } finally {
            WORD.setRelease(lines, THERE, STOP);
        }
    }

    private static void ask(MemorySegment lines, long number) {
        WORD.setRelease(lines, THERE, number);
        while ((long) WORD.getAcquire(lines, BACK) != number) {
            // The next look is what is measured.
        }
    }

    private static void answer(MemorySegment lines) {
        long seen = 0;
        while (seen != STOP) {
            long now = (long) WORD.getAcquire(lines, THERE);
            if (now != seen) {
                seen = now;
                WORD.setRelease(lines, BACK, now);
            }
        }
    }
}
