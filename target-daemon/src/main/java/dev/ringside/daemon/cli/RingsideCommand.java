package dev.ringside.daemon.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** Without annotations, as {@link ServeCommand}. */
final class RingsideCommand implements Callable<Integer> {
    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this)
            .name("ringside")
            .addOption(OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .scopeType(ScopeType.INHERIT)
                    .description("Tell about the command, and exit.")
                    .build());

    RingsideCommand() {
        spec.usageMessage()
                .description("A storage target for virtual machines.")
                .footer(
                        "",
                        "'ringside perf' measures this and other targets; 'ringside perf --help' tells about it.",
                        "",
                        "Exit status: 0 all is well; 1 the daemon could not start, or answered with an error;",
                        "2 the command line or a file makes no sense; 3 no daemon listens on the socket;",
                        "4 load-config --dry-run has found a difference.");
    }

    /** What the command line of it is. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(),
                "which command? serve, blk, rpc, top, save-config, load-config, devices, bind, unbind, completion, manual,"
                        + " rpc-reference or version");
    }
}
