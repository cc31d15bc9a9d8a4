package dev.ringside.benchmarks.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
        name = "perf",
        description = "Measure vhost-user back ends, disks, and the machine below them; attack them.",
        footer = {
            "",
            "Exit status: 0 all is well; 1 requests failed or read back wrong data, or a finding; 2 the command line makes no sense;",
            "3 no back end answers on the socket."
        })
final class PerfCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Tell about the command, and exit.")
    @SuppressWarnings("UnusedVariable") // picocli reads it from the annotation, and prints the help itself.
    private boolean help;

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "which measurement? vhost, bdev, hw, limits, start, calls, fuzz and neighbour are allowed");
    }
}
