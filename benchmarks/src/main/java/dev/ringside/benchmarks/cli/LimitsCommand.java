package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.limits.Limits;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "limits",
        description = {
            "Tell what this machine can do at best: how long a cache line takes between two cores and back, mostly and"
                    + " once in 10,000 times, how many blocks of 4 KiB a core copies in a second, how long two threads take"
                    + " to wake each other.",
            "Belongs beside every measurement: a virtual machine's cores may be moved between two of them."
        })
final class LimitsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--cores",
            paramLabel = "CORES",
            description = "The two cores, such as 0,1. Default: the lowest and the highest one.")
    private @Nullable String cores;

    @Option(names = "--json", description = "Print the limits as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            CpuSet online = CpuSet.online();
            int[] all = cores == null ? online.cores() : OptionValue.cores("--cores", cores, online);
            if (all.length < 2 || (cores != null && all.length != 2)) {
                throw new IllegalArgumentException("two cores are needed, there are " + all.length);
            }
            Limits limits = Limits.measure(all[0], all[all.length - 1]);
            if (json) {
                out.println(limits.json().toPrettyString());
            } else {
                limits.lines().forEach(out::println);
            }
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        } catch (LinuxException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }
}
