package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.BdevDisk;
import dev.ringside.daemon.embedded.EmbeddedLog;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;

/** Where the program begins. */
public final class Main {
    private Main() {}

    /** Runs the command line and exits with its status. */
    public static void main(String[] args) {
        EmbeddedLog.install(System.err);
        CommandLine commandLine = commandLine();
        commandLine.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        System.exit(commandLine.execute(args));
    }

    /** The command line, with its output where picocli puts it. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new PerfCommand())
                .addSubcommand(new VhostCommand())
                .addSubcommand(new BdevCommand())
                .addSubcommand(new HardwareCommand(BdevDisk::find, new EarlyEnd()))
                .addSubcommand(new LimitsCommand())
                .addSubcommand(new StartCommand())
                .addSubcommand(new CallsCommand())
                .addSubcommand(new FuzzCommand())
                .addSubcommand(new NeighbourCommand());
        commandLine.setParameterExceptionHandler((failure, args) -> {
            CommandLine wrong = failure.getCommandLine();
            String hint = failure.getClass() == CommandLine.ParameterException.class
                            || failure instanceof MissingParameterException
                    ? ""
                    : "; 'ringside " + wrong.getCommandSpec().qualifiedName() + " --help' tells what is allowed";
            wrong.getErr().println("ringside: " + failure.getMessage() + hint);
            return ExitCode.USAGE;
        });
        commandLine.setExecutionExceptionHandler((failure, command, args) -> {
            command.getErr().println("ringside: internal error: " + failure);
            return ExitCode.FAILED;
        });
        return commandLine;
    }
}
