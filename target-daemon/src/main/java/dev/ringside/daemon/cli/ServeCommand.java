package dev.ringside.daemon.cli;

import dev.ringside.daemon.Daemon;
import dev.ringside.daemon.DaemonOptions;
import dev.ringside.daemon.log.LogLevel;
import dev.ringside.daemon.log.Logging;
import dev.ringside.daemon.target.StartException;
import dev.ringside.daemon.target.Version;
import dev.ringside.daemon.web.Listener;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.ServiceNotice;
import dev.ringside.env.reactor.IdleMode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "serve",
        description = {
            "Run the daemon in the foreground.",
            "When it is ready it prints one line on stdout that begins with 'ringside: ready'; its log goes to stderr."
                    + " SIGTERM and SIGINT stop it cleanly, with exit status 0."
        },
        sortOptions = false)
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-m", "--cpumask"},
            paramLabel = "CORES",
            defaultValue = "0x1",
            description =
                    "The cores that serve guests, one reactor on each: a mask such as 0x3, or a list such as [0,2-4]."
                            + " Default: ${DEFAULT-VALUE}.")
    private String cpumask;

    @Option(
            names = {"-S", "--vhost-dir"},
            paramLabel = "DIR",
            defaultValue = "/var/tmp",
            description = "The directory for the sockets that guests connect to. Default: ${DEFAULT-VALUE}.")
    private Path vhostDirectory;

    @Option(
            names = {"-r", "--rpc-socket"},
            paramLabel = "SOCKET",
            defaultValue = ClientOptions.DEFAULT_SOCKET,
            description = "The control socket. Default: ${DEFAULT-VALUE}.")
    private Path rpcSocket;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "A configuration in SPDK's layout, as save-config prints it; its calls are made before the daemon is"
                            + " ready.")
    private @Nullable Path config;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description =
                    "Keep the configuration in this directory, which is made if it is not there: it is written at every"
                            + " change, and restored before the daemon is ready. Not together with --config.")
    private @Nullable Path state;

    @Option(
            names = "--metrics",
            paramLabel = "ADDRESS:PORT",
            description = {
                "Serve metrics for Prometheus and a page with live charts on this address, such as 127.0.0.1:9464, over HTTP."
                        + " Nothing can be changed there, but whoever reaches it sees what guests do: an address that is not"
                        + " the loopback's is refused without --metrics-anywhere."
            })
    private @Nullable String metrics;

    @Option(names = "--metrics-anywhere", description = "Let the address of --metrics be one that others can reach.")
    private boolean metricsAnywhere;

    @Option(
            names = "--takeover",
            paramLabel = "SOCKET",
            description = {
                "Take over, without disconnecting a guest, the daemon that serves this control socket: its configuration,"
                        + " disks, sockets and guests. It ends when all of that is done, and goes on if it fails before.",
                "The settings are that daemon's; only --cpumask, --idle and --log-level can be given."
            })
    private @Nullable Path takeover;

    @Option(
            names = "--allow-faults",
            description =
                    "Let clients give disks, virtqueues and devices faults (fault_inject_bdev, fault_inject_vring,"
                            + " fault_inject_device): for tests.")
    private boolean allowFaults;

    @Option(
            names = "--allow-unsafe-noiommu",
            description =
                    "Drive NVMe and SAS controllers that are behind no IOMMU, too. Whoever controls such a device, or a defect of"
                            + " it, can change all memory of this machine. It needs huge pages, CAP_SYS_RAWIO, CAP_SYS_ADMIN, and"
                            + " vfio's enable_unsafe_noiommu_mode.")
    private boolean allowNoIommu;

    @Option(
            names = "--wait-for-rpc",
            description = "Answer startup methods only, until somebody calls framework_start_init; the configuration is"
                    + " replayed then.")
    private boolean waitForRpc;

    @Mixin
    private AccessOptions access;

    @Option(
            names = "--idle",
            paramLabel = "MODE",
            defaultValue = "adaptive",
            converter = IdleModeConverter.class,
            description =
                    "What a reactor without work does: poll (it spins for ever), adaptive (it spins a short time, then"
                            + " sleeps), interrupt (it sleeps at once). Default: ${DEFAULT-VALUE}.")
    private IdleMode idle;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "INFO",
            converter = LogLevelConverter.class,
            description = "What is logged: DISABLED, ERROR, WARNING, NOTICE, INFO or DEBUG. Default: ${DEFAULT-VALUE}.")
    private LogLevel logLevel;

    static final class IdleModeConverter implements ITypeConverter<IdleMode> {
        @Override
        public IdleMode convert(String text) {
            try {
                return IdleMode.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    static final class LogLevelConverter implements ITypeConverter<LogLevel> {
        @Override
        public LogLevel convert(String text) {
            try {
                return LogLevel.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        CpuSet cpus;
        try {
            cpus = CpuSet.parse(cpumask);
        } catch (IllegalArgumentException e) {
            err.println("ringside: cannot start: " + e.getMessage());
            return ExitCode.FAILED;
        }
        if (metricsAnywhere && metrics == null) {
            throw new ParameterException(spec.commandLine(), "--metrics-anywhere says nothing without --metrics");
        }
        DaemonOptions options = allowed(options(cpus));
        Logging logging = new Logging();
        logging.install(logLevel, System.err);
        Daemon daemon = new Daemon(options, logging);
        StopHook hook = StopHook.install(() -> {
            tellServiceManager("STOPPING=1");
            daemon.close();
        });
        try {
            daemon.start();
        } catch (StartException e) {
            return failed(daemon, hook, "cannot start: " + e.getMessage());
        } catch (RuntimeException | Error e) {
            LOG.error("the start failed", e);
            return failed(daemon, hook, "cannot start: " + e);
        }
        spec.commandLine().getOut().println(ready(daemon.options()));
        tellServiceManager("READY=1");
        return daemon.awaitStop().map(reason -> failed(daemon, hook, reason)).orElse(ExitCode.OK);
    }

    private static void tellServiceManager(String word) {
        try {
            if (ServiceNotice.tell(word)) {
                LOG.debug("the service manager was told {}", word);
            }
        } catch (LinuxException e) {
            LOG.warn("the service manager could not be told {}: {}", word, e.getMessage());
        }
    }

    private DaemonOptions allowed(DaemonOptions options) {
        DaemonOptions faulty = allowFaults ? options.allowingFaults() : options;
        return allowNoIommu ? faulty.allowingNoIommu() : faulty;
    }

    private DaemonOptions options(CpuSet cpus) {
        if (takeover == null) {
            if (state != null && config != null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--config cannot be given with --state: 'ringside load-config' loads it once, and it is kept");
            }
            DaemonOptions options = new DaemonOptions(
                            cpus, idle, vhostDirectory, rpcSocket, Optional.ofNullable(config), waitForRpc)
                    .guardedBy(access.access());
            if (state != null) {
                options = options.keeping(state);
            }
            return metrics == null ? options : options.serving(listener(metrics));
        }
        List<String> settled = new ArrayList<>(
                List.of("--vhost-dir", "--rpc-socket", "--config", "--state", "--metrics", "--wait-for-rpc"));
        settled.addAll(AccessOptions.NAMES);
        for (String option : settled) {
            if (isGiven(option)) {
                throw new ParameterException(
                        spec.commandLine(), option + " cannot be given with --takeover: it is the old daemon's");
            }
        }
        return DaemonOptions.takingOver(
                takeover,
                new DaemonOptions.Takeover(
                        isGiven("--cpumask") ? Optional.of(cpus) : Optional.empty(),
                        isGiven("--idle") ? Optional.of(idle) : Optional.empty()));
    }

    private Listener listener(String address) {
        try {
            return Listener.parse(address, metricsAnywhere);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private boolean isGiven(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private static String ready(DaemonOptions options) {
        return "ringside: ready version=" + Version.current().text()
                + " reactors=" + options.cpus().cores().length
                + " cores=" + options.cpus().toMask()
                + " idle=" + options.idle()
                + " rpc=" + options.rpcSocket().toAbsolutePath().normalize()
                + " vhost=" + options.vhostDirectory().toAbsolutePath().normalize()
                + options.extras()
                        .metrics()
                        .map(address -> " metrics=" + address)
                        .orElse("")
                + (options.waitForRpc() ? " state=startup" : "");
    }

    private int failed(Daemon daemon, StopHook hook, String reason) {
        if (!hook.remove()) {
            // A signal came: the hook stops the daemon and ends the process.
            return ExitCode.OK;
        }
        spec.commandLine().getErr().println("ringside: " + reason);
        daemon.close();
        return ExitCode.FAILED;
    }
}
