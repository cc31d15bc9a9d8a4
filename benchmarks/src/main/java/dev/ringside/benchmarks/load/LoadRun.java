package dev.ringside.benchmarks.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/** Runs loops on their threads through the phases: fill, warm up, measure, drain, read back. */
public final class LoadRun {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int FILL = 0;
    private static final int WARM_UP = 1;
    private static final int MEASURE = 2;

    private final Workload workload;
    private final List<LoadLoop> loops;
    private final List<LoadWorker> workers = new ArrayList<>();
    private final Phaser together;
    private final Progress progress;
    private final Optional<ProcessCpu> server;
    private final AtomicBoolean enough = new AtomicBoolean();

    /** Is told how it goes. */
    public interface Progress {
        /** A phase begins. */
        void phase(String name);

        /**
         * Another second of the measured time is over.
         *
         * @param second from 1
         * @param iops requests in this second
         */
        void second(int second, double iops);
    }

    /**
     * Loops, and a core for each thread that runs them: the first runs the first of as many as there are threads, and so on.
     *
     * @param cores one for each thread, at most as many as there are loops; a core may have several threads
     * @param server the process on the other side, if its processor time is wanted
     */
    public LoadRun(
            Workload workload, List<LoadLoop> loops, int[] cores, Progress progress, Optional<ProcessCpu> server) {
        this.workload = workload;
        this.progress = progress;
        this.server = server;
        this.loops = List.copyOf(loops);
        this.together = new Phaser(cores.length);
        for (int i = 0; i < cores.length; i++) {
            List<LoadLoop> mine = new ArrayList<>();
            for (int queue = i; queue < loops.size(); queue += cores.length) {
                mine.add(loops.get(queue));
            }
            workers.add(new LoadWorker(mine, workload, cores[i], together, enough));
        }
    }

    /** Ends the measured time now: what is in flight is still taken back, and what was written read. Any thread. */
    public void endEarly() {
        enough.set(true);
    }

    /**
     * Runs to the end.
     *
     * @throws EndedException if it was ended before anything was measured
     * @throws LoadException if the back end stopped answering or answered nonsense
     */
    public LoadResult run() throws LoadException {
        try {
            OptionalDouble serverSeconds = phases();
            for (LoadWorker worker : workers) {
                worker.join();
            }
            requireNoFailure();
            if (loops.stream().anyMatch(loop -> loop.phaseNs() == 0)
                    || (enough.get() && loops.stream().allMatch(loop -> loop.done() == 0))) {
                throw new EndedException();
            }
            return result(serverSeconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadException("interrupted", e);
        }
    }

    /** Watches the phases; returns the server's processor time in the measured one, if it was the same server. */
    private OptionalDouble phases() throws InterruptedException {
        if (workload.fill()) {
            progress.phase("writing the range");
        }
        workers.forEach(LoadWorker::start);
        together.awaitAdvanceInterruptibly(FILL);
        progress.phase("warming up");
        together.awaitAdvanceInterruptibly(WARM_UP);
        OptionalDouble before = serverSeconds();
        progress.phase("measuring");
        watch();
        OptionalDouble after = serverSeconds();
        if (workload.verify() && workload.writes()) {
            progress.phase("reading back");
        }
        return before.isPresent() && after.isPresent()
                ? OptionalDouble.of(after.getAsDouble() - before.getAsDouble())
                : OptionalDouble.empty();
    }

    /** Shows progress until all workers have measured. */
    private void watch() throws InterruptedException {
        long start = System.nanoTime();
        long before = 0;
        long beforeNs = start;
        for (int second = 1; ; second++) {
            long wait = start + second * SECOND_NS - System.nanoTime();
            try {
                together.awaitAdvanceInterruptibly(MEASURE, Math.max(0, wait), TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException e) {
                long now = System.nanoTime();
                long done = done();
                progress.second(second, (done - before) * 1e9 / (now - beforeNs));
                before = done;
                beforeNs = now;
            }
        }
    }

    private long done() {
        long sum = 0;
        for (LoadLoop loop : loops) {
            sum += loop.done();
        }
        return sum;
    }

    private OptionalDouble serverSeconds() {
        if (server.isEmpty()) {
            return OptionalDouble.empty();
        }
        try {
            return OptionalDouble.of(server.get().seconds());
        } catch (IOException e) {
            // It has ended, and handed the load over to another one: else the load fails by itself.
            return OptionalDouble.empty();
        }
    }

    private LoadResult result(OptionalDouble serverSeconds) {
        List<CoreShare> shares = workers.stream().map(LoadWorker::share).toList();
        Histogram latency = new Histogram(shares.get(0).latency());
        latency.reset();
        shares.forEach(share -> latency.add(share.latency()));
        long longestNs = 0;
        long ioErrors = 0;
        long verifyErrors = 0;
        long verified = 0;
        Optional<String> first = Optional.empty();
        for (LoadLoop loop : loops) {
            Findings findings = loop.queue().findings();
            longestNs = Math.max(longestNs, loop.phaseNs());
            ioErrors += findings.ioErrors();
            verifyErrors += findings.verifyErrors();
            verified += findings.verifiedBlocks();
            first = first.or(findings::first);
        }
        return new LoadResult(longestNs / 1e9, latency, ioErrors, verifyErrors, verified, first, shares, serverSeconds);
    }

    private void requireNoFailure() throws LoadException {
        for (LoadWorker worker : workers) {
            Throwable cause = worker.failure();
            if (cause != null) {
                boolean told = cause instanceof IllegalStateException || cause instanceof IOException;
                throw new LoadException(told ? String.valueOf(cause.getMessage()) : cause.toString(), cause);
            }
        }
    }
}
