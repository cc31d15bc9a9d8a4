package dev.ringside.daemon.cli;

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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "load-config",
        description =
                "Make the calls of a configuration in a running daemon. One that waits for framework_start_init is"
                        + " started on the way.")
final class LoadConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(index = "0", paramLabel = "FILE", description = "The configuration; - for standard input.")
    private String file;

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
            ConfigTransfer.load(daemon, entries);
            return ExitCode.OK;
        });
    }
}
