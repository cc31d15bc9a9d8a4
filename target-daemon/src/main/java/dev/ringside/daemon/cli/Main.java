package dev.ringside.daemon.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Where the program begins. */
public final class Main {
    private Main() {}

    /** Runs the command line and exits with its status. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line, with its output on the process's streams. */
    static CommandLine commandLine() {
        CommandLine rpc = new CommandLine(new RpcCommand());
        CommandLine commandLine = new CommandLine(new RingsideCommand())
                .addSubcommand(new ServeCommand())
                .addSubcommand(rpc)
                .addSubcommand(new SaveConfigCommand())
                .addSubcommand(new LoadConfigCommand())
                .addSubcommand(new DevicesCommand())
                .addSubcommand(new BindCommand())
                .addSubcommand(new UnbindCommand())
                .addSubcommand(new RpcReferenceCommand())
                .addSubcommand(new VersionCommand());
        // What follows the method belongs to the method, whatever it looks like.
        rpc.setStopAtPositional(true);
        commandLine.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        commandLine.setParameterExceptionHandler((failure, args) -> {
            CommandLine wrong = failure.getCommandLine();
            wrong.getErr().println("ringside: " + failure.getMessage());
            wrong.getErr().println("ringside: 'ringside " + path(wrong) + "--help' tells what there is");
            return ExitCode.USAGE;
        });
        commandLine.setExecutionExceptionHandler((failure, command, args) -> {
            command.getErr().println("ringside: internal error: " + failure);
            return ExitCode.FAILED;
        });
        return commandLine;
    }

    private static String path(CommandLine command) {
        return command.getParent() == null ? "" : command.getCommandName() + " ";
    }
}
