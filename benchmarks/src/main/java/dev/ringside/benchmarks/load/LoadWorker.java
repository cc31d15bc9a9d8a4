package dev.ringside.benchmarks.load;

import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.ThreadCpu;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A thread on a core that runs the phases of a queue, or of several in turn, in step with the other threads. */
final class LoadWorker implements Runnable {
    private final LoadLoop[] loops;
    private final Workload workload;
    private final int core;
    private final Phaser together;
    private final AtomicBoolean enough;
    private final Thread thread;
    private volatile @Nullable Throwable failure;
    private volatile long cpuNs;

    /**
     * A thread that has not begun.
     *
     * @param together passed by all workers before each phase and at the end of the measured one; terminated when one fails
     * @param enough ends warming up and measuring before their time
     */
    LoadWorker(List<LoadLoop> loops, Workload workload, int core, Phaser together, AtomicBoolean enough) {
        this.loops = loops.toArray(LoadLoop[]::new);
        this.workload = workload;
        this.core = core;
        this.together = together;
        this.enough = enough;
        this.thread = new Thread(this, "load-" + core);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void join() throws InterruptedException {
        thread.join();
    }

    @Override
    public void run() {
        try {
            CpuSet.pinCurrentThread(core);
            for (LoadLoop loop : loops) {
                loop.open(core);
            }
            phases();
        } catch (Throwable e) {
            // Such as an InternalError, when memory was taken away.
            failure = e;
            together.forceTermination();
        } finally {
            for (LoadLoop loop : loops) {
                loop.close();
            }
        }
    }

    private void phases() throws IOException {
        if (workload.fill()) {
            for (LoadLoop loop : loops) {
                loop.writeAll(enough);
            }
        }
        if (othersFailed()) {
            return;
        }
        LoadLoop.run(loops, workload.warmUpNs(), enough);
        if (othersFailed()) {
            return;
        }
        boolean none = enough.get();
        measure();
        if (othersFailed()) {
            return;
        }
        for (LoadLoop loop : loops) {
            loop.drain();
            if (workload.verify() && workload.writes() && !none) {
                loop.readBack();
            }
        }
    }

    private boolean othersFailed() {
        return together.arriveAndAwaitAdvance() < 0;
    }

    private void measure() throws IOException {
        int tid = CpuSet.currentTid();
        long before = cpu(tid);
        LoadLoop.run(loops, workload.timeNs(), enough);
        cpuNs = cpu(tid) - before;
    }

    private static long cpu(int tid) throws IOException {
        ThreadCpu times = ThreadCpu.of(tid);
        return times.userNs() + times.systemNs();
    }

    /** Why the thread has given up, if it has. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** What came of the measured phase; when the thread has ended. */
    CoreShare share() {
        Histogram latency = new Histogram(loops[0].latency());
        latency.reset();
        long requests = 0;
        double iops = 0;
        for (LoadLoop loop : loops) {
            latency.add(loop.latency());
            requests += loop.done();
            iops += loop.done() * 1e9 / loop.phaseNs();
        }
        return new CoreShare(core, requests, iops, latency, cpuNs / 1e9);
    }
}
