package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.DiskAddress;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.LoadResult;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
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
        LoadConsole console = new LoadConsole(spec.commandLine(), load.json, new EarlyEnd());
        return console.run(() -> {
            options.requireFit();
            Workload workload = load.workload(!options.selfTest);
            int[] cores = load.cores(CpuSet.online(), options.threads(workload.queues()));
            console.tellOfSharedCores(cores);
            Path socket = options.socket;
            return socket == null ? selfTest(console, workload, cores) : loadDisk(console, socket, workload, cores);
        });
    }

    private int selfTest(LoadConsole console, Workload workload, int[] cores) throws IOException, LoadException {
        try (GuestRam ram = LoadSetup.memory(workload);
                LoadSetup setup = LoadSetup.echo(workload, ram, options.ring(), options.indirect(), options.kicks())) {
            return measure(console, "self-test", workload, setup, cores, Optional.empty());
        }
    }

    private int loadDisk(LoadConsole console, Path socket, Workload wanted, int[] cores)
            throws IOException, LoadException {
        VhostDisk.Wishes wishes =
                new VhostDisk.Wishes(options.calls(), options.indirect(), options.ring(), options.inflight());
        try (GuestRam ram = LoadSetup.memory(wanted);
                VhostDisk disk = connect(socket, options.disk(), ram, wanted, wishes)) {
            DiskFit.requireFeatures(wishes, disk);
            Workload workload = DiskFit.fit(wanted, disk);
            try (LoadSetup setup = LoadSetup.disk(workload, ram, disk, options.calls(), options.kicks())) {
                int status = measure(console, socket.toString(), workload, setup, cores, server(disk));
                disk.stop();
                return status;
            }
        } catch (NotConnected e) {
            console.tell(String.valueOf(e.getMessage()));
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

    private static int measure(
            LoadConsole console,
            String name,
            Workload workload,
            LoadSetup setup,
            int[] cores,
            Optional<ProcessCpu> server)
            throws LoadException {
        LoadResult result = console.measure(workload, setup.loops(), cores, server);
        return console.print(new LoadReport(name, workload, setup.setting(), setup.diskBytes(), result));
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
