package dev.ringside.daemon.cli;

import dev.ringside.daemon.Schema;
import dev.ringside.daemon.config.ConfigEntry;
import dev.ringside.daemon.config.ConfigException;
import dev.ringside.daemon.config.ConfigFile;
import dev.ringside.daemon.config.ConfigTransfer;
import dev.ringside.rpc.codec.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** What SPDK's rpc.py offers beside the methods: it saves and loads configurations itself, by means of others. */
final class SpdkConfigCommands {
    /** The names of all. */
    static final List<String> NAMES =
            List.of("load_config", "load_subsystem_config", "save_config", "save_subsystem_config");

    private SpdkConfigCommands() {}

    /** The command of a name. */
    static Optional<CommandLine> named(String name, RpcSession session) {
        Callable<Integer> command = switch (name) {
            case "load_config" -> new LoadConfig(session);
            case "load_subsystem_config" -> new LoadSubsystem(session);
            case "save_config" -> new SaveConfig(session);
            case "save_subsystem_config" -> new SaveSubsystem(session);
            default -> null;
        };
        return Optional.ofNullable(command).map(CommandLine::new);
    }

    /** How a configuration is printed. */
    private static final class Layout {
        @Option(
                names = {"-i", "--indent"},
                paramLabel = "SPACES",
                defaultValue = "2",
                description =
                        "By which each level is indented; less than 0: all on one line. Default: ${DEFAULT-VALUE}.")
        private int spaces;

        String text(JsonNode config) {
            return spaces < 0 ? Json.text(config) : Json.pretty(config, spaces);
        }
    }

    /** Where a configuration comes from. */
    private static final class Source {
        @Option(
                names = {"-j", "--json-conf"},
                paramLabel = "FILE",
                description = "The configuration: a file, or JSON, which begins with a brace. Default: standard input.")
        private @Nullable String given;

        private interface Parser {
            List<ConfigEntry> parse(String name, byte[] bytes) throws ConfigException;
        }

        List<ConfigEntry> entries(Parser parser) throws ConfigException, IOException {
            if (given == null) {
                return parser.parse("standard input", System.in.readAllBytes());
            }
            return given.startsWith("{")
                    ? parser.parse("--json-conf", given.getBytes(StandardCharsets.UTF_8))
                    : parser.parse(given, ConfigFile.bytes(Path.of(given)));
        }
    }

    @Command(
            name = "save_config",
            description = "Print the daemon's configuration as it is now, as 'ringside save-config' does.")
    private static final class SaveConfig implements Callable<Integer> {
        private final RpcSession session;

        @Spec
        private CommandSpec spec;

        @Mixin
        private Layout layout;

        @Option(
                names = {"-s", "--subsystems"},
                paramLabel = "NAMES",
                split = ",",
                description = "Only these subsystems, separated by commas, and those that they depend on.")
        private @Nullable List<String> subsystems;

        SaveConfig(RpcSession session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            List<String> wanted = subsystems == null ? List.of() : subsystems;
            return session.run(spec.commandLine().getErr(), daemon -> {
                spec.commandLine().getOut().println(layout.text(ConfigTransfer.save(daemon, wanted)));
                return ExitCode.OK;
            });
        }
    }

    @Command(name = "save_subsystem_config", description = "Print the configuration of one subsystem as it is now.")
    private static final class SaveSubsystem implements Callable<Integer> {
        private final RpcSession session;

        @Spec
        private CommandSpec spec;

        @Mixin
        private Layout layout;

        @Option(
                names = {"-n", "--name"},
                paramLabel = "NAME",
                required = true,
                description = "The subsystem; framework_get_subsystems lists them.")
        private String name;

        SaveSubsystem(RpcSession session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            return session.run(spec.commandLine().getErr(), daemon -> {
                spec.commandLine().getOut().println(layout.text(ConfigTransfer.saveSubsystem(daemon, name)));
                return ExitCode.OK;
            });
        }
    }

    @Command(
            name = "load_config",
            description = "Make the calls of a configuration in a running daemon, as 'ringside load-config' does. A"
                    + " configuration with an error loads nothing.")
    private static final class LoadConfig implements Callable<Integer> {
        private final RpcSession session;

        @Spec
        private CommandSpec spec;

        @Mixin
        private Source source;

        @Option(
                names = {"-i", "--include-aliases"},
                description = "Older names of methods are allowed, as they are without this option, too.")
        @SuppressWarnings("UnusedVariable") // There is nothing to be decided by it.
        private boolean aliases;

        LoadConfig(RpcSession session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            return load(spec, session, source, ConfigFile::parse, ConfigTransfer::load);
        }
    }

    @Command(
            name = "load_subsystem_config",
            description =
                    "Make the calls of one subsystem in a running daemon. A configuration with an error loads nothing.")
    private static final class LoadSubsystem implements Callable<Integer> {
        private final RpcSession session;

        @Spec
        private CommandSpec spec;

        @Mixin
        private Source source;

        LoadSubsystem(RpcSession session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            return load(spec, session, source, ConfigFile::parseSubsystem, ConfigTransfer::loadSubsystem);
        }
    }

    private interface Loading {
        void load(ConfigTransfer transfer, List<ConfigEntry> entries) throws IOException;
    }

    private static int load(
            CommandSpec spec, RpcSession session, Source source, Source.Parser parser, Loading loading) {
        List<ConfigEntry> entries;
        try {
            entries = source.entries(parser);
        } catch (ConfigException | IOException e) {
            spec.commandLine().getErr().println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return session.run(spec.commandLine().getErr(), daemon -> {
            loading.load(new ConfigTransfer(daemon, Schema.methods()), entries);
            session.print(spec.commandLine().getOut(), Json.done());
            return ExitCode.OK;
        });
    }
}
