package dev.ringside.bdev;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts what this thread allocates. */
final class AllocationProbe {
    /** What the counting itself may cost, in bytes. */
    static final long NOISE = 2048;

    private AllocationProbe() {}

    /** Bytes that so many rounds of some work allocate, after as many to warm up. */
    static long bytesOf(int rounds, Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        run(rounds, work);
        long before = threads.getCurrentThreadAllocatedBytes();
        run(rounds, work);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static void run(int rounds, Runnable work) {
        for (int i = 0; i < rounds; i++) {
            work.run();
        }
    }
}
