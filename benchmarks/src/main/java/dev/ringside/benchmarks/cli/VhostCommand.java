package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.DiskAddress;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.LoadResult;
import dev.ringside.benchmarks.load.LoadRun;
import dev.ringside.benchmarks.load.LoadSetup;
import dev.ringside.benchmarks.load.ProcessCpu;
import dev.ringside.benchmarks.load.VhostDisk;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.benchmarks.report.LoadReport;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.GuestRam;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "vhost",
        description = {
            "Load the disk behind a vhost-user-blk or vhost-user-scsi socket, of Ringside or of any other back end, and tell"
                    + " how it does.",
            "Each queue is driven by a thread of its own, pinned to a core, unless --threads says otherwise."
        },
        sortOptions = false,
        footer = {
            "",
            "For example:",
            "  ringside perf vhost --socket /var/tmp/vhost.0 --pattern randread --queue-depth 32 --cores 1",
            "  ringside perf vhost --socket /var/tmp/vhost.0 --pattern randrw --verify --time 60",
            "  ringside perf vhost --socket /var/tmp/vhost.1 --device scsi --target 3",
            "  ringside perf vhost --self-test --queue-depth 1"
        })
final class VhostCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VhostOptions options;

    @Mixin
    private WorkloadOptions load;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        try {
            options.requireFit();
            Workload workload = load.workload(!options.selfTest);
            int[] cores = load.cores(CpuSet.online(), options.threads(workload.queues()));
            long different = IntStream.of(cores).distinct().count();
            if (different < cores.length) {
                err.println("ringside: " + cores.length + " threads share " + different
                        + (different == 1 ? " core" : " cores"));
            }
            Path socket = options.socket;
            return socket == null ? selfTest(workload, cores) : loadDisk(socket, workload, cores);
        } catch (IllegalArgumentException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        } catch (LoadException | IOException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private int selfTest(Workload workload, int[] cores) throws IOException, LoadException {
        try (GuestRam ram = LoadSetup.memory(workload);
                LoadSetup setup = LoadSetup.echo(workload, ram, options.ring(), options.indirect(), options.kicks())) {
            return run("self-test", workload, setup, cores, Optional.empty());
        }
    }

    private int loadDisk(Path socket, Workload wanted, int[] cores) throws IOException, LoadException {
        VhostDisk.Wishes wishes =
                new VhostDisk.Wishes(options.calls(), options.indirect(), options.ring(), options.inflight());
        try (GuestRam ram = LoadSetup.memory(wanted);
                VhostDisk disk = connect(socket, options.disk(), ram, wanted, wishes)) {
            DiskFit.requireFeatures(wishes, disk);
            Workload workload = DiskFit.fit(wanted, disk);
            try (LoadSetup setup = LoadSetup.disk(workload, ram, disk, options.calls(), options.kicks())) {
                int status = run(socket.toString(), workload, setup, cores, server(disk));
                disk.stop();
                return status;
            }
        } catch (NotConnected e) {
            spec.commandLine().getErr().println("ringside: " + e.getMessage());
            return ExitCode.NOT_CONNECTED;
        }
    }

    private Optional<ProcessCpu> server(VhostDisk disk) throws IOException {
        int named = options.serverPid();
        int pid = named == 0 ? disk.serverPid() : named;
        if (named != 0 && !Files.exists(Path.of("/proc/" + named))) {
            throw new IllegalArgumentException("--server-pid " + named + ": the number of a process is allowed");
        }
        return pid == 0 ? Optional.empty() : Optional.of(new ProcessCpu(pid));
    }

    private int run(String name, Workload workload, LoadSetup setup, int[] cores, Optional<ProcessCpu> server)
            throws LoadException {
        PrintWriter err = spec.commandLine().getErr();
        LoadResult result = new LoadRun(workload, setup.loops(), cores, new ProgressLines(err, workload), server).run();
        List<Integer> threads = IntStream.of(cores).boxed().toList();
        LoadReport report = new LoadReport(name, workload, setup.setting(), threads, setup.diskBytes(), result);
        PrintWriter out = spec.commandLine().getOut();
        if (load.json) {
            out.println(report.json().toPrettyString());
        } else {
            report.lines().forEach(out::println);
        }
        if (!result.clean()) {
            result.firstError().ifPresent(first -> err.println("ringside: the first error: " + first));
            return ExitCode.FAILED;
        }
        return ExitCode.OK;
    }

    /** Nobody answers on the socket. */
    private static final class NotConnected extends IOException {
        private static final long serialVersionUID = 1L;

        NotConnected(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private static VhostDisk connect(
            Path socket, DiskAddress disk, GuestRam ram, Workload workload, VhostDisk.Wishes wishes)
            throws IOException {
        try {
            return VhostDisk.connect(socket, disk, ram, workload.queues(), wishes);
        } catch (LinuxException | EOFException e) {
            throw new NotConnected(e);
        }
    }
}
