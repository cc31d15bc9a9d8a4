package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.LoadRun;
import dev.ringside.benchmarks.load.Workload;
import java.io.PrintWriter;
import java.util.Locale;

/** Tells how a load goes, a line a second. */
final class ProgressLines implements LoadRun.Progress {
    private final PrintWriter out;
    private final Workload workload;

    ProgressLines(PrintWriter out, Workload workload) {
        this.out = out;
        this.workload = workload;
    }

    @Override
    public void phase(String name) {
        out.println("ringside: " + name);
    }

    @Override
    public void second(int second, double iops) {
        out.printf(
                Locale.ROOT,
                "ringside: %d s of %.0f: %,.0f IOPS, %,.1f MiB/s%n",
                second,
                workload.timeNs() / 1e9,
                iops,
                iops * workload.blockSize() / (1 << 20));
        out.flush();
    }
}
