package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.load.VhostDisk;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.benchmarks.report.StartReport;
import dev.ringside.benchmarks.start.StartRun;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.vhost.queue.RingFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "start",
        description = {
            "Start a server and tell when it answers, and how its speed rises: random reads of 4 KiB from its first moment on,"
                    + " by a client that is warm already.",
            "The server is ended at the end."
        },
        sortOptions = false,
        footer = {
            "",
            "For example:",
            "  ringside perf start --socket /tmp/v/vhost.0 --rpc-socket /tmp/r.sock \\",
            "      -- scripts/ringside serve -S /tmp/v -r /tmp/r.sock -c config.json"
        })
final class StartCommand implements Callable<Integer> {
    private static final int BLOCK = 4096;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-s", "--socket"},
            paramLabel = "PATH",
            required = true,
            description = "The vhost-user socket of a disk that the server has as soon as it has started.")
    private Path socket;

    @Option(
            names = {"-r", "--rpc-socket"},
            paramLabel = "PATH",
            required = true,
            description = "The server's control socket.")
    private Path rpcSocket;

    @Option(
            names = {"-d", "--queue-depth"},
            paramLabel = "N",
            defaultValue = "32",
            description = "Requests in flight: 1 to " + WorkloadOptions.MOST_DEPTH + ". Default: ${DEFAULT-VALUE}.")
    private String depth;

    @Option(
            names = {"-w", "--warm-up"},
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "How long the client practises before: 0 to 60. Default: ${DEFAULT-VALUE}.")
    private String warmUp;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            defaultValue = "6",
            description = "How long the load lasts: 0.5 to 600. Default: ${DEFAULT-VALUE}.")
    private String time;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            defaultValue = "0.25",
            description = "Length of the intervals whose speed is told: 0.01 to 10. Default: ${DEFAULT-VALUE}.")
    private String interval;

    @Option(names = "--core", paramLabel = "CORE", description = "The client's core. Default: the highest one.")
    private @Nullable String core;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The server's command line, after --.")
    private List<String> command;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            CpuSet online = CpuSet.online();
            int[] cores = core == null ? online.cores() : OptionValue.cores("--core", core, online);
            long intervalNs = OptionValue.seconds("--interval", interval, 0.01, 10);
            VhostDisk.Wishes wishes = new VhostDisk.Wishes(false, false, RingFormat.SPLIT, false);
            StartRun run = new StartRun(workload(), wishes, cores[cores.length - 1], intervalNs);
            StartReport report = new StartReport(run.run(command, socket, rpcSocket));
            if (json) {
                out.println(report.json().toPrettyString());
            } else {
                report.lines().forEach(out::println);
            }
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        } catch (LoadException | IOException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private Workload workload() {
        return new Workload(
                Pattern.RANDREAD,
                Pattern.RANDREAD.readPercent(),
                BLOCK,
                1,
                (int) OptionValue.count("--queue-depth", depth, 1, WorkloadOptions.MOST_DEPTH),
                0,
                0,
                OptionValue.seconds("--warm-up", warmUp, 0, 60),
                OptionValue.seconds("--time", time, 0.5, 600),
                false,
                false);
    }
}
