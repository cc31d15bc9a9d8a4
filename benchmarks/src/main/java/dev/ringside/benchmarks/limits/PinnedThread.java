package dev.ringside.benchmarks.limits;

import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.ThreadEnd;
import org.jspecify.annotations.Nullable;

/** A thread on a core for the time of a measurement. */
final class PinnedThread {
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    /** What runs on the core. */
    interface Work {
        void run() throws LinuxException;
    }

    PinnedThread(int core, Work work) {
        thread = new Thread(
                () -> {
                    try {
                        CpuSet.pinCurrentThread(core);
                        work.run();
                    } catch (LinuxException | RuntimeException e) {
                        failure = e;
                    }
                },
                "limits-" + core);
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits for the end of the work, and throws what that threw. */
    void join() throws LinuxException {
        ThreadEnd.await(thread);
        Throwable cause = failure;
        if (cause instanceof LinuxException linux) {
            throw linux;
        }
        if (cause != null) {
            throw new IllegalStateException("the thread on a core failed", cause);
        }
    }
}
