package dev.ringside.benchmarks.limits;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.Mapping;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** How many blocks of 4 KiB a core can copy in a second, from places by chance in 256 MiB to a few buffers. */
final class CopyRate {
    private static final int BLOCK = 4096;
    private static final long BYTES = 256L << 20;
    private static final int BUFFERS = 128;
    private static final int COPIES = 50_000;

    private CopyRate() {}

    /**
     * Measures.
     *
     * @param repeats how many times to measure; the median is taken
     */
    static double medianPerSecond(int core, int repeats) throws LinuxException {
        double[] results = new double[repeats];
        Mapping from = Mapping.anonymous(BYTES);
        Mapping to = Mapping.anonymous((long) BUFFERS * BLOCK);
        try {
            from.segment().fill((byte) 1);
            to.segment().fill((byte) 1);
            new PinnedThread(core, () -> measure(from.segment(), to.segment(), results)).join();
        } finally {
            from.close();
            to.close();
        }
        Arrays.sort(results);
        return results[repeats / 2];
    }

    private static void measure(MemorySegment from, MemorySegment to, double[] results) {
        long state = 1;
        for (int i = -2; i < results.length; i++) {
            long start = System.nanoTime();
            for (int copy = 0; copy < COPIES; copy++) {
                state = state * 6364136223846793005L + 1442695040888963407L;
                long block = Math.unsignedMultiplyHigh(state, BYTES / BLOCK);
                MemorySegment.copy(from, block * BLOCK, to, (long) (copy % BUFFERS) * BLOCK, BLOCK);
            }
            long time = System.nanoTime() - start;
            if (i >= 0) {
                results[i] = COPIES * 1e9 / time;
            }
        }
    }
}
