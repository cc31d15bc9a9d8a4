package dev.ringside.benchmarks.limits;

import dev.ringside.env.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** How long a cache line takes to another core and another one back: two threads that answer each other. */
final class CoreRoundTrip {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final long THERE = 0;
    /** Beyond what the hardware fetches together with the other. */
    private static final long BACK = 512;

    private static final int ROUNDS = 20_000;
    private static final long STOP = -1;

    private CoreRoundTrip() {}

    /**
     * Measures.
     *
     * @param repeats how many times to measure; the median is taken
     * @return ns of a round trip
     */
    static double medianNs(int first, int second, int repeats) throws LinuxException {
        double[] results = new double[repeats];
        try (Arena arena = Arena.ofShared()) {
            MemorySegment lines = arena.allocate(1024, 128);
            PinnedThread answering = new PinnedThread(second, () -> answer(lines));
            new PinnedThread(first, () -> ask(lines, results)).join();
            answering.join();
        }
        Arrays.sort(results);
        return results[repeats / 2];
    }

    private static void ask(MemorySegment lines, double[] results) {
        long number = 0;
        try {
            for (int i = -3; i < results.length; i++) {
                long start = System.nanoTime();
                for (int round = 0; round < ROUNDS; round++) {
                    WORD.setRelease(lines, THERE, ++number);
                    while ((long) WORD.getAcquire(lines, BACK) != number) {
                        // The next look is what is measured.
                    }
                }
                long time = System.nanoTime() - start;
                if (i >= 0) {
                    results[i] = (double) time / ROUNDS;
                }
            }
        } finally {
            WORD.setRelease(lines, THERE, STOP);
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
