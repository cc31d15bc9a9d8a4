package dev.ringside.daemon.cli;

import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.Errno;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

/** Where the program begins. */
public final class Main {
    private Main() {}

    /** Runs the command line and exits with its status. */
    public static void main(String[] args) {
        if (args.length > 0 && List.of("serve", "blk").contains(args[0])) {
            Thread.ofPlatform().name("head-start").daemon().start(Main::linkKernel);
        }
        CommandLine commandLine = args.length == 0 ? commandLine() : commandLine(args[0]);
        AotCache.complaint().ifPresent(line -> commandLine.getErr().println("ringside: " + line));
        System.exit(commandLine.execute(args));
    }

    /**
     * Links the way into the kernel while the first thread reads the command line and the configuration, which takes as long;
     * and the kernel's texts, which no reactor is to wait for when something first fails. Nothing of it logs: the first thread
     * sets SLF4J up meanwhile.
     */
    private static void linkKernel() {
        CpuSet.currentTid();
        Errno.message(0);
    }

    /** The command line with all its commands. */
    static CommandLine commandLine() {
        return commandLine("");
    }

    /**
     * The command line, with its output on the process's streams.
     *
     * @param wanted the only command that it needs; if there is none of that name, it has all. Each takes milliseconds
     */
    private static CommandLine commandLine(String wanted) {
        Map<String, Supplier<CommandLine>> commands = commands();
        CommandLine commandLine = new CommandLine(new RingsideCommand().spec());
        commands.forEach((name, command) -> {
            if (name.equals(wanted) || !commands.containsKey(wanted)) {
                commandLine.addSubcommand(name, command.get());
            }
        });
        commandLine.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        commandLine.setParameterExceptionHandler((failure, args) -> {
            CommandLine wrong = failure.getCommandLine();
            wrong.getErr().println("ringside: " + failure.getMessage());
            wrong.getErr()
                    .println("ringside: '" + wrong.getCommandSpec().qualifiedName() + " --help' tells what there is");
            return ExitCode.USAGE;
        });
        commandLine.setExecutionExceptionHandler((failure, command, args) -> {
            command.getErr().println("ringside: internal error: " + failure);
            return ExitCode.FAILED;
        });
        return commandLine;
    }

    private static Map<String, Supplier<CommandLine>> commands() {
        Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
        commands.put("serve", () -> new CommandLine(new ServeCommand().spec()));
        commands.put("blk", () -> new CommandLine(new BlkCommand().spec()));
        // What follows the method belongs to the method, whatever it looks like.
        commands.put("rpc", () -> new CommandLine(new RpcCommand()).setStopAtPositional(true));
        commands.put("top", () -> new CommandLine(new TopCommand()));
        commands.put("save-config", () -> new CommandLine(new SaveConfigCommand()));
        commands.put("load-config", () -> new CommandLine(new LoadConfigCommand()));
        commands.put("devices", () -> new CommandLine(new DevicesCommand()));
        commands.put("bind", () -> new CommandLine(new BindCommand()));
        commands.put("unbind", () -> new CommandLine(new UnbindCommand()));
        commands.put("completion", () -> new CommandLine(new CompletionCommand()));
        commands.put("manual", () -> new CommandLine(new ManualCommand()));
        commands.put("rpc-reference", () -> new CommandLine(new RpcReferenceCommand()));
        commands.put("version", () -> new CommandLine(new VersionCommand()));
        return commands;
    }

    /** Puts a command below another one: it prints where that one does, and what goes wrong is told in the same way. */
    static CommandLine below(CommandLine parent, CommandLine command) {
        parent.addSubcommand(command);
        return command.setOut(parent.getOut())
                .setErr(parent.getErr())
                .setParameterExceptionHandler(parent.getParameterExceptionHandler())
                .setExecutionExceptionHandler(parent.getExecutionExceptionHandler());
    }
}
