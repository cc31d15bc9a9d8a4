package dev.ringside.daemon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "manual", description = "Write the manual pages of all commands into a directory, for man(1).")
final class ManualCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The directory, which is made if it is not there.")
    private Path directory;

    @Override
    public Integer call() {
        CommandLine all = MethodModel.everything();
        try {
            Files.createDirectories(directory);
            write(all);
            for (CommandLine command : all.getSubcommands().values()) {
                write(command);
            }
            return ExitCode.OK;
        } catch (IOException e) {
            spec.commandLine().getErr().println("ringside: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private void write(CommandLine command) throws IOException {
        Files.writeString(directory.resolve(ManualPage.name(command) + ".1"), ManualPage.of(command));
    }
}
