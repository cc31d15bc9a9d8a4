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
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "blk",
        description = {
            "Serve one file as one disk, without a control socket: a vhost-user backend program as QEMU and libvirt start"
                    + " them.",
            "SIGTERM and SIGINT stop it cleanly, with exit status 0; so does the end of a connection given with --fd."
        },
        sortOptions = false)
final class BlkCommand implements Callable<Integer> {
    /** QEMU, docs/interop/vhost-user.json, VHostUserBackendCapabilitiesBlock. */
    private static final String CAPABILITIES = "{\"type\": \"block\", \"features\": [\"read-only\", \"blk-file\"]}";

    @Spec
    private CommandSpec spec;

    @Option(names = "--socket-path", paramLabel = "PATH", description = "Where to listen for the front end.")
    private @Nullable Path socketPath;

    @Option(
            names = "--fd",
            paramLabel = "FDNUM",
            description = "A socket that this process has inherited, which listens or is connected; instead of a path.")
    private @Nullable Integer fd;

    @Option(names = "--print-capabilities", description = "Print what this program can do, as JSON, and exit.")
    private boolean printCapabilities;

    @Option(
            names = {"-b", "--blk-file"},
            paramLabel = "PATH",
            description = "The file or block device that is the disk.")
    private @Nullable Path blkFile;

    @Option(
            names = {"-r", "--read-only"},
            description = "Let the guest read only.")
    private boolean readOnly;

    @Option(
            names = {"-m", "--cpumask"},
            paramLabel = "CORES",
            description =
                    "The cores that serve the guest, as for 'serve'; the first that this process may use by default.")
    private @Nullable String cpumask;

    @Option(
            names = "--idle",
            paramLabel = "MODE",
            defaultValue = "adaptive",
            converter = ServeCommand.IdleModeConverter.class,
            description = "What is done without work, as for 'serve'. Default: ${DEFAULT-VALUE}.")
    private IdleMode idle;

    @Override
    public Integer call() {
        if (printCapabilities) {
            spec.commandLine().getOut().println(CAPABILITIES);
            return ExitCode.OK;
        }
        Logging logging = new Logging();
        logging.install(LogLevel.WARNING, System.err);
        BlkProgram program;
        try {
            program = new BlkProgram(new BlkProgram.Options(socket(), file(), readOnly, cpus(), idle));
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
        if ((socketPath == null) == (fd == null)) {
            throw new ParameterException(spec.commandLine(), "one of --socket-path and --fd is needed");
        }
        if (socketPath != null) {
            return new BlkProgram.Socket.At(socketPath);
        }
        if (fd == null || fd < 0) {
            throw new ParameterException(spec.commandLine(), "--fd " + fd + ": a descriptor is not negative");
        }
        return new BlkProgram.Socket.Inherited(fd);
    }

    private Path file() {
        if (blkFile == null) {
            throw new ParameterException(spec.commandLine(), "--blk-file is needed");
        }
        return blkFile;
    }

    private CpuSet cpus() throws StartException {
        try {
            return CpuSet.parse(cpumask == null ? "[" + CpuSet.online().cores()[0] + "]" : cpumask);
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
