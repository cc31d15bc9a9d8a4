package dev.ringside.bdev;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts what this thread allocates. */
final class AllocationProbe {
    /** What the counting itself may cost, in bytes. */
    static final long NOISE = 2048;

    private static final int ATTEMPTS = 60;

    private AllocationProbe() {}

    /** Bytes that so many rounds of some work allocate after the compiler is done, which takes its time on a busy machine. */
    static long bytesOf(int rounds, Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        run(rounds, work);
        long allocated = NOISE;
        for (int attempt = 0; attempt < ATTEMPTS && allocated >= NOISE; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(rounds, work);
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        return allocated;
    }

    private static void run(int rounds, Runnable work) {
        for (int i = 0; i < rounds; i++) {
            work.run();
        }
    }
}
