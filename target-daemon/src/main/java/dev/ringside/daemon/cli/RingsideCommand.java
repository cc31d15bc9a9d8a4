package dev.ringside.daemon.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
        name = "ringside",
        description = "A storage target for virtual machines.",
        footer = {
            "",
            "'ringside perf' measures this and other targets; 'ringside perf --help' tells about it.",
            "",
            "Exit status: 0 all is well; 1 the daemon could not start, or answered with an error;",
            "2 the command line or a file makes no sense; 3 no daemon listens on the socket;",
            "4 load-config --dry-run has found a difference."
        })
final class RingsideCommand implements Callable<Integer> {
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
                "which command? serve, rpc, save-config, load-config, devices, bind, unbind, completion, rpc-reference or"
                        + " version");
    }
}
