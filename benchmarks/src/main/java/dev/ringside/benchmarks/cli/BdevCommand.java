package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.BdevDisk;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.benchmarks.report.LoadReport;
import dev.ringside.env.linux.CpuSet;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "bdev",
        description = {
            "Load a disk of a daemon's configuration in this process, through the block layer and without a virtqueue, and"
                    + " tell how it does.",
            "Each queue is a channel to the disk, driven by a thread and a reactor of its own, pinned to a core."
        },
        sortOptions = false,
        footer = {
            "",
            "For example:",
            "  ringside save-config >target.json",
            "  ringside perf bdev --config target.json --bdev Malloc0 --pattern randrw --verify",
            "  ringside perf bdev --config target.json --bdev Nvme0n1 --queues 2 --queue-depth 128"
        })
final class BdevCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BdevOptions options;

    @Mixin
    private WorkloadOptions load;

    @Override
    public Integer call() {
        LoadConsole console = new LoadConsole(spec.commandLine(), load.json, new EarlyEnd());
        return console.run(() -> loadDisk(console));
    }

    private int loadDisk(LoadConsole console) throws IOException, LoadException {
        Workload wanted = load.workload(true);
        int[] cores = load.cores(CpuSet.online(), wanted.queues());
        console.tellOfSharedCores(cores);
        try (BdevDisk disk = BdevDisk.find(options.config, options.bdev)) {
            Workload workload = DiskFit.fit(wanted, disk);
            LoadResult result = console.measure(workload, disk.load(workload), cores, Optional.empty());
            return console.print(new LoadReport(disk.name(), workload, disk.setting(), disk.bytes(), result));
        }
    }
}
