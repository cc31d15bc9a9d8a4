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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Without annotations: to have them looked at takes a third of the start of a daemon. */
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    private final OptionSpec cpumask = OptionSpec.builder("-m", "--cpumask")
            .type(String.class)
            .paramLabel("CORES")
            .defaultValue("0x1")
            .description(
                    "The cores that serve guests, one reactor on each: a mask such as 0x3, or a list such as [0,2-4]."
                            + " Default: ${DEFAULT-VALUE}.")
            .build();

    private final OptionSpec vhostDirectory = OptionSpec.builder("-S", "--vhost-dir")
            .type(Path.class)
            .paramLabel("DIR")
            .defaultValue("/var/tmp")
            .description("The directory for the sockets that guests connect to. Default: ${DEFAULT-VALUE}.")
            .build();

    private final OptionSpec rpcSocket = OptionSpec.builder("-r", "--rpc-socket")
            .type(Path.class)
            .paramLabel("SOCKET")
            .defaultValue(ClientOptions.DEFAULT_SOCKET)
            .description("The control socket. Default: ${DEFAULT-VALUE}.")
            .build();

    private final OptionSpec config = OptionSpec.builder("-c", "--config")
            .type(Path.class)
            .paramLabel("FILE")
            .description(
                    "A configuration in SPDK's layout, as save-config prints it; its calls are made before the daemon is"
                            + " ready.")
            .build();

    private final OptionSpec state = OptionSpec.builder("--state")
            .type(Path.class)
            .paramLabel("DIR")
            .description(
                    "Keep the configuration in this directory, which is made if it is not there: it is written at every"
                            + " change, and restored before the daemon is ready. Not together with --config.")
            .build();

    private final OptionSpec metrics = OptionSpec.builder("--metrics")
            .type(String.class)
            .paramLabel("ADDRESS:PORT")
            .description(
                    "Serve metrics for Prometheus and a page with live charts on this address, such as 127.0.0.1:9464, over HTTP."
                            + " Nothing can be changed there, but whoever reaches it sees what guests do: an address that is not"
                            + " the loopback's is refused without --metrics-anywhere.")
            .build();

    private final OptionSpec metricsAnywhere = OptionSpec.builder("--metrics-anywhere")
            .description("Let the address of --metrics be one that others can reach.")
            .build();

    private final OptionSpec takeover = OptionSpec.builder("--takeover")
            .type(Path.class)
            .paramLabel("SOCKET")
            .description(
                    "Take over, without disconnecting a guest, the daemon that serves this control socket: its configuration,"
                            + " disks, sockets and guests. It ends when all of that is done, and goes on if it fails before.",
                    "The settings are that daemon's, also what it allows; --cpumask, --idle and --log-level can be given, and"
                            + " --allow-faults and --allow-unsafe-noiommu if it was started without.")
            .build();

    private final OptionSpec allowFaults = OptionSpec.builder("--allow-faults")
            .description("Let clients give disks, virtqueues and devices faults (fault_inject_bdev, fault_inject_vring,"
                    + " fault_inject_device): for tests.")
            .build();

    private final OptionSpec allowNoIommu = OptionSpec.builder("--allow-unsafe-noiommu")
            .description(
                    "Drive NVMe and SAS controllers that are behind no IOMMU, too. Whoever controls such a device, or a defect of"
                            + " it, can change all memory of this machine. It needs huge pages, CAP_SYS_RAWIO, CAP_SYS_ADMIN, and"
                            + " vfio's enable_unsafe_noiommu_mode.")
            .build();

    private final OptionSpec waitForRpc = OptionSpec.builder("--wait-for-rpc")
            .description("Answer startup methods only, until somebody calls framework_start_init; the configuration is"
                    + " replayed then.")
            .build();

    private final AccessOptions access = new AccessOptions();

    private final OptionSpec idle = OptionSpec.builder("--idle")
            .type(IdleMode.class)
            .paramLabel("MODE")
            .defaultValue("adaptive")
            .converters(new IdleModeConverter())
            .description(
                    "What a reactor without work does: poll (it spins for ever), adaptive (it spins a short time, then"
                            + " sleeps), interrupt (it sleeps at once). Default: ${DEFAULT-VALUE}.")
            .build();

    private final OptionSpec logLevel = OptionSpec.builder("--log-level")
            .type(LogLevel.class)
            .paramLabel("LEVEL")
            .defaultValue("INFO")
            .converters(new LogLevelConverter())
            .description("What is logged: DISABLED, ERROR, WARNING, NOTICE, INFO or DEBUG. Default: ${DEFAULT-VALUE}.")
            .build();

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this)
            .addOption(cpumask)
            .addOption(vhostDirectory)
            .addOption(rpcSocket)
            .addOption(config)
            .addOption(state)
            .addOption(metrics)
            .addOption(metricsAnywhere)
            .addOption(takeover)
            .addOption(allowFaults)
            .addOption(allowNoIommu)
            .addOption(waitForRpc);

    ServeCommand() {
        access.all().forEach(spec::addOption);
        spec.addOption(idle).addOption(logLevel);
        spec.usageMessage()
                .sortOptions(false)
                .description(
                        "Run the daemon in the foreground.",
                        "When it is ready it prints one line on stdout that begins with 'ringside: ready'; its log goes to stderr."
                                + " SIGTERM and SIGINT stop it cleanly, with exit status 0.");
    }

    /** What the command line of it is. */
    CommandSpec spec() {
        return spec;
    }

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
            cpus = CpuSet.parse(cpumask.getValue());
        } catch (IllegalArgumentException e) {
            err.println("ringside: cannot start: " + e.getMessage());
            return ExitCode.FAILED;
        }
        if (on(metricsAnywhere) && !given(metrics)) {
            throw new ParameterException(spec.commandLine(), "--metrics-anywhere says nothing without --metrics");
        }
        DaemonOptions options = allowed(options(cpus));
        Logging logging = new Logging();
        logging.install(logLevel.getValue(), System.err);
        Daemon daemon = new Daemon(options, logging);
        StopHook hook = StopHook.install(() -> {
            if (!daemon.handedOver()) {
                tellServiceManager("STOPPING=1");
            }
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
        DaemonOptions faulty = on(allowFaults) ? options.allowingFaults() : options;
        return on(allowNoIommu) ? faulty.allowingNoIommu() : faulty;
    }

    private DaemonOptions options(CpuSet cpus) {
        if (!given(takeover)) {
            if (given(state) && given(config)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--config cannot be given with --state: 'ringside load-config' loads it once, and it is kept");
            }
            DaemonOptions options = new DaemonOptions(
                            cpus,
                            idle.getValue(),
                            vhostDirectory.getValue(),
                            rpcSocket.getValue(),
                            Optional.ofNullable(config.getValue()),
                            on(waitForRpc))
                    .guardedBy(access.access());
            if (given(state)) {
                options = options.keeping(state.getValue());
            }
            return given(metrics) ? options.serving(listener(metrics.getValue())) : options;
        }
        List<OptionSpec> settled =
                new ArrayList<>(List.of(vhostDirectory, rpcSocket, config, state, metrics, waitForRpc));
        settled.addAll(access.all());
        for (OptionSpec option : settled) {
            if (given(option)) {
                throw new ParameterException(
                        spec.commandLine(),
                        option.longestName() + " cannot be given with --takeover: it is the old daemon's");
            }
        }
        return DaemonOptions.takingOver(
                takeover.getValue(),
                new DaemonOptions.Takeover(
                        given(cpumask) ? Optional.of(cpus) : Optional.empty(),
                        given(idle) ? Optional.of(idle.getValue()) : Optional.empty()));
    }

    private Listener listener(String address) {
        try {
            return Listener.parse(address, on(metricsAnywhere));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** Whether an option without a parameter is on. */
    static boolean on(OptionSpec flag) {
        return Boolean.TRUE.equals(flag.getValue());
    }

    private boolean given(OptionSpec option) {
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
