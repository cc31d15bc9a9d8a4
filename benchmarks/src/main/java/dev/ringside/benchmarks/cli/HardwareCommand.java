package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.BdevDisk;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.benchmarks.report.LoadReport;
import dev.ringside.benchmarks.report.OverheadReport;
import dev.ringside.env.linux.CpuSet;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "hw",
        description = {
            "Load an NVMe drive, or a disk behind a SAS adapter, that Ringside drives itself twice: through the block layer, and past it by requests that are built"
                    + " before the run and only posted and reaped in it. Tell what the device takes, and what software adds.",
            "Each queue is a queue of the device, driven by a thread of its own, pinned to a core. Adapters with fewer queues"
                    + " share theirs out."
        },
        sortOptions = false,
        footer = {
            "",
            "For example:",
            "  ringside perf hw --config target.json --bdev Nvme0n1 --queue-depth 1",
            "  ringside perf hw --config target.json --bdev custom --block-size 128k --pattern read --queue-depth 4",
            "  ringside perf hw --config target.json --bdev Nvme0n1 --pattern randwrite --queue-depth 128 --json"
        })
final class HardwareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BdevOptions options;

    @Mixin
    private WorkloadOptions load;

    @Override
    public Integer call() {
        LoadConsole console = new LoadConsole(spec.commandLine(), load.json);
        return console.run(() -> {
            Workload wanted = load.workload(true);
            int[] cores = load.cores(CpuSet.online(), wanted.queues());
            console.tellOfSharedCores(cores);
            requireBuildable(wanted);
            try (BdevDisk disk = BdevDisk.find(options.config, options.bdev)) {
                return compare(console, disk, wanted, cores);
            }
        });
    }

    private static void requireBuildable(Workload wanted) {
        if (wanted.verify()) {
            throw new IllegalArgumentException(
                    "--verify goes with perf bdev and perf vhost: requests that are built beforehand carry no stamps");
        }
        if (wanted.pattern() == Pattern.TRIM) {
            throw new IllegalArgumentException("--pattern trim goes with perf bdev and perf vhost");
        }
        if (wanted.pattern() == Pattern.COPY) {
            throw new IllegalArgumentException("--pattern copy goes with perf bdev");
        }
    }

    /** Loads a disk both ways, and prints what came of it; returns the exit status. */
    private static int compare(LoadConsole console, BdevDisk disk, Workload wanted, int[] cores)
            throws IOException, LoadException {
        disk.requireHardware();
        Workload workload = DiskFit.fit(wanted, disk);
        console.tell("through the block layer");
        LoadResult layered = console.measure(workload, disk.load(workload), cores, Optional.empty());
        console.tell("on the bare device");
        Workload filled = workload.withoutFill();
        LoadResult bare = console.measure(filled, disk.loadHardware(filled), cores, Optional.empty());
        return console.print(new OverheadReport(
                new LoadReport(disk.name(), filled, disk.hardwareSetting(), disk.bytes(), bare),
                new LoadReport(disk.name(), workload, disk.setting(), disk.bytes(), layered)));
    }
}
