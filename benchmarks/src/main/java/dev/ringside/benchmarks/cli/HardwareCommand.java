package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.BdevDisk;
import dev.ringside.benchmarks.load.EndedException;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.benchmarks.report.LoadReport;
import dev.ringside.benchmarks.report.OverheadReport;
import dev.ringside.benchmarks.report.SpeedTable;
import dev.ringside.env.linux.CpuSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "hw",
        description = {
            "Load an NVMe drive, or a disk behind a SAS adapter, that Ringside drives itself twice: through the block layer, and past it by requests that are built"
                    + " before the run and only posted and reaped in it. Tell what the device takes, and what software adds.",
            "Each queue is a queue of the device, driven by a thread of its own, pinned to a core. Adapters with fewer queues"
                    + " share theirs out.",
            "With --loads several loads of the same disk are compared in one table."
        },
        sortOptions = false,
        footer = {
            "",
            "For example:",
            "  ringside perf hw --config target.json --bdev Nvme0n1 --queue-depth 1",
            "  ringside perf hw --config target.json --bdev custom --block-size 128k --pattern read --queue-depth 4",
            "  ringside perf hw --config target.json --bdev Nvme0n1 --pattern randwrite --queue-depth 128 --json",
            "  ringside perf hw --config target.json --bdev Nvme0n1 --fill --loads randread:4k:1,randread:4k:64,read:256k:1"
        })
final class HardwareCommand implements Callable<Integer> {
    private final Finder finder;
    private final EarlyEnd signals;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BdevOptions options;

    @Mixin
    private WorkloadOptions load;

    @Option(
            names = "--loads",
            split = ",",
            paramLabel = "PATTERN:BYTES:DEPTH",
            description =
                    "Several loads, one after the other, in place of --pattern, --block-size and --queue-depth. All"
                            + " of them are warmed up, each for the time of --warm-up, before the first one counts.")
    private List<String> loads = List.of();

    /** How the disk of a configuration is found. */
    interface Finder {
        /** As {@link BdevDisk#find}. */
        BdevDisk find(Path config, String name) throws IOException;
    }

    HardwareCommand(Finder finder, EarlyEnd signals) {
        this.finder = finder;
        this.signals = signals;
    }

    @Override
    public Integer call() {
        LoadConsole console = new LoadConsole(spec.commandLine(), load.json, signals);
        return console.run(() -> {
            Workload common = load.workload(true);
            List<Workload> wanted = several(common);
            int[] cores = load.cores(CpuSet.online(), common.queues());
            console.tellOfSharedCores(cores);
            wanted.forEach(HardwareCommand::requireBuildable);
            try (BdevDisk disk = finder.find(options.config, options.bdev)) {
                disk.requireHardware();
                List<Workload> fitting =
                        wanted.stream().map(each -> DiskFit.fit(each, disk)).toList();
                return loads.isEmpty()
                        ? console.print(measure(console, disk, fitting.getFirst(), fitting.getFirst(), cores))
                        : compare(console, disk, fitting, cores);
            }
        });
    }

    /** The loads that are asked for. */
    private List<Workload> several(Workload common) {
        if (loads.isEmpty()) {
            return List.of(common);
        }
        for (String other : List.of("--pattern", "--read-percent", "--block-size", "--queue-depth")) {
            if (spec.commandLine().getParseResult().hasMatchedOption(other)) {
                throw new IllegalArgumentException(other + " and --loads: only one of them is allowed");
            }
        }
        return loads.stream()
                .map(text -> WorkloadOptions.of("--loads", text, common))
                .toList();
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

    /** Warms all loads up, so that none finds what another one has not, and measures one after the other. */
    private static int compare(LoadConsole console, BdevDisk disk, List<Workload> workloads, int[] cores)
            throws IOException, LoadException {
        boolean fill = workloads.getFirst().fill();
        int status = ExitCode.OK;
        for (Workload workload : workloads) {
            if (workload.warmUpNs() > 0) {
                Workload warmUp = workload.withTimes(0, workload.warmUpNs());
                Workload run = fill ? warmUp : warmUp.withoutFill();
                status = Math.max(status, console.status(measure(console, disk, run, workload, cores)));
                fill = false;
            }
        }
        List<OverheadReport> reports = new ArrayList<>();
        try {
            for (Workload workload : workloads) {
                Workload counted = workload.withTimes(0, workload.timeNs());
                Workload run = fill ? counted : counted.withoutFill();
                reports.add(measure(console, disk, run, workload, cores));
                fill = false;
            }
        } catch (EndedException e) {
            if (reports.isEmpty()) {
                throw e;
            }
        }
        return Math.max(status, console.print(new SpeedTable(reports, workloads.size())));
    }

    /**
     * Loads a disk both ways, or only through the block layer if it is ended before anything is measured on the bare device.
     *
     * @param workload what is done
     * @param asked what the report says was asked for
     * @throws EndedException if it is ended before anything is measured
     */
    private static OverheadReport measure(
            LoadConsole console, BdevDisk disk, Workload workload, Workload asked, int[] cores)
            throws IOException, LoadException {
        console.tell("through the block layer");
        LoadResult layered = console.measure(workload, disk.load(workload), cores, Optional.empty());
        console.tell("on the bare device");
        Optional<LoadReport> bare = bare(console, disk, workload.withoutFill(), cores)
                .map(result ->
                        new LoadReport(disk.name(), asked.withoutFill(), disk.hardwareSetting(), disk.bytes(), result));
        disk.release();
        return new OverheadReport(bare, new LoadReport(disk.name(), asked, disk.setting(), disk.bytes(), layered));
    }

    private static Optional<LoadResult> bare(LoadConsole console, BdevDisk disk, Workload workload, int[] cores)
            throws IOException, LoadException {
        try {
            return Optional.of(console.measure(workload, disk.loadHardware(workload), cores, Optional.empty()));
        } catch (EndedException e) {
            return Optional.empty();
        }
    }
}
