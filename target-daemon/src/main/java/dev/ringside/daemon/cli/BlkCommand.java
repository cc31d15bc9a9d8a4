package dev.ringside.daemon.cli;

import dev.ringside.daemon.BlkProgram;
import dev.ringside.daemon.log.LogLevel;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.target.StartException;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.reactor.IdleMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Without annotations, as {@link ServeCommand}. */
final class BlkCommand implements Callable<Integer> {
    /** QEMU, docs/interop/vhost-user.json, VHostUserBackendCapabilitiesBlock. */
    private static final String CAPABILITIES = "{\"type\": \"block\", \"features\": [\"read-only\", \"blk-file\"]}";

    private final OptionSpec socketPath = OptionSpec.builder("--socket-path")
            .type(Path.class)
            .paramLabel("PATH")
            .description("Where to listen for the front end.")
            .build();

    private final OptionSpec fd = OptionSpec.builder("--fd")
            .type(Integer.class)
            .paramLabel("FDNUM")
            .description("A socket that this process has inherited, which listens or is connected; instead of a path.")
            .build();

    private final OptionSpec printCapabilities = OptionSpec.builder("--print-capabilities")
            .description("Print what this program can do, as JSON, and exit.")
            .build();

    private final OptionSpec blkFile = OptionSpec.builder("-b", "--blk-file")
            .type(Path.class)
            .paramLabel("PATH")
            .description("The file or block device that is the disk.")
            .build();

    private final OptionSpec readOnly = OptionSpec.builder("-r", "--read-only")
            .description("Let the guest read only.")
            .build();

    private final OptionSpec cpumask = OptionSpec.builder("-m", "--cpumask")
            .type(String.class)
            .paramLabel("CORES")
            .description(
                    "The cores that serve the guest, as for 'serve'; the first that this process may use by default.")
            .build();

    private final OptionSpec idle = OptionSpec.builder("--idle")
            .type(IdleMode.class)
            .paramLabel("MODE")
            .defaultValue("adaptive")
            .converters(new ServeCommand.IdleModeConverter())
            .description("What is done without work, as for 'serve'. Default: ${DEFAULT-VALUE}.")
            .build();

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this)
            .addOption(socketPath)
            .addOption(fd)
            .addOption(printCapabilities)
            .addOption(blkFile)
            .addOption(readOnly)
            .addOption(cpumask)
            .addOption(idle);

    BlkCommand() {
        spec.usageMessage()
                .sortOptions(false)
                .description(
                        "Serve one file as one disk, without a control socket: a vhost-user backend program as QEMU and libvirt"
                                + " start them.",
                        "SIGTERM and SIGINT stop it cleanly, with exit status 0; so does the end of a connection given with"
                                + " --fd.");
    }

    /** What the command line of it is. */
    CommandSpec spec() {
        return spec;
    }

    @Override
    public Integer call() {
        if (ServeCommand.on(printCapabilities)) {
            spec.commandLine().getOut().println(CAPABILITIES);
            return ExitCode.OK;
        }
        Logging logging = new Logging();
        logging.install(LogLevel.WARNING, System.err);
        BlkProgram program;
        try {
            program = new BlkProgram(
                    new BlkProgram.Options(socket(), file(), ServeCommand.on(readOnly), cpus(), idle.getValue()));
        } catch (StartException e) {
            spec.commandLine().getErr().println("ringside: cannot start: " + e.getMessage());
            return ExitCode.FAILED;
        }
        StopHook hook = StopHook.install(program::close);
        try {
            program.start();
        } catch (StartException e) {
            return end(program, hook, "cannot start: " + e.getMessage());
        }
        spec.commandLine().getOut().println("ringside: ready");
        return program.awaitStop().map(reason -> end(program, hook, reason)).orElseGet(() -> end(program, hook, null));
    }

    private BlkProgram.Socket socket() {
        Path path = socketPath.getValue();
        Integer inherited = fd.getValue();
        if ((path == null) == (inherited == null)) {
            throw new ParameterException(spec.commandLine(), "one of --socket-path and --fd is needed");
        }
        if (inherited == null) {
            return new BlkProgram.Socket.At(path);
        }
        if (inherited < 0) {
            throw new ParameterException(spec.commandLine(), "--fd " + inherited + ": a descriptor is not negative");
        }
        return new BlkProgram.Socket.Inherited(inherited);
    }

    private Path file() {
        Path file = blkFile.getValue();
        if (file == null) {
            throw new ParameterException(spec.commandLine(), "--blk-file is needed");
        }
        return file;
    }

    private CpuSet cpus() throws StartException {
        String cores = cpumask.getValue();
        try {
            return CpuSet.parse(cores == null ? "[" + CpuSet.online().cores()[0] + "]" : cores);
        } catch (IllegalArgumentException | IOException e) {
            throw new StartException(String.valueOf(e.getMessage()), e);
        }
    }

    private int end(BlkProgram program, StopHook hook, @Nullable String failure) {
        if (!hook.remove()) {
            // A signal came: the hook stops the program and ends the process.
            return ExitCode.OK;
        }
        program.close();
        if (failure == null) {
            return ExitCode.OK;
        }
        spec.commandLine().getErr().println("ringside: " + failure);
        return ExitCode.FAILED;
    }
}
