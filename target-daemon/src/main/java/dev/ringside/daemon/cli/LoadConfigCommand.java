package dev.ringside.daemon.cli;

import dev.ringside.daemon.Schema;
import dev.ringside.daemon.config.ConfigEntry;
import dev.ringside.daemon.config.ConfigException;
import dev.ringside.daemon.config.ConfigFile;
import dev.ringside.daemon.config.ConfigTransfer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "load-config",
        description =
                "Make the calls of a configuration in a running daemon. One that waits for framework_start_init is"
                        + " started on the way. A configuration with an error loads nothing: what was made before the error was"
                        + " met is deleted, and what was set is set as before.")
final class LoadConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(index = "0", paramLabel = "FILE", description = "The configuration; - for standard input.")
    private String file;

    @Option(
            names = "--dry-run",
            description = {
                "Change nothing, but print what the configuration would: + a call to be made, ! one that was made with other"
                        + " parameters, - one that it does not have, and that stays.",
                "Exit status: 0 there is no difference, 4 there is one."
            })
    private boolean dryRun;

    @Override
    public Integer call() {
        List<ConfigEntry> entries;
        try {
            entries = file.equals("-")
                    ? ConfigFile.parse("standard input", System.in.readAllBytes())
                    : ConfigFile.read(Path.of(file));
        } catch (ConfigException | IOException e) {
            spec.commandLine().getErr().println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return client.run(spec.commandLine().getErr(), daemon -> {
            ConfigTransfer transfer = new ConfigTransfer(daemon::call, Schema.methods());
            if (!dryRun) {
                transfer.load(entries);
                return ExitCode.OK;
            }
            List<String> lines = transfer.difference(entries);
            lines.forEach(spec.commandLine().getOut()::println);
            return lines.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
        });
    }
}
