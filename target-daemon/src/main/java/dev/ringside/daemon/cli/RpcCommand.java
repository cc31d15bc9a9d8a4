package dev.ringside.daemon.cli;

import dev.ringside.daemon.Schema;
import dev.ringside.rpc.schema.ArgumentParser;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.ParamSpec;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "rpc",
        description = "Call a method of the daemon and print its result.",
        footer = {
            "",
            "For example:",
            "  ringside rpc bdev_malloc_create -b ram0 64 512",
            "  ringside rpc bdev_malloc_create --name ram0 --num-blocks 131072 --block-size 512",
            "  ringside rpc vhost_create_blk_controller '{\"ctrlr\": \"vhost.0\", \"dev_name\": \"ram0\"}'",
            "",
            "Words and options are those of SPDK's rpc.py. 'ringside rpc METHOD --help' tells about a method,"
                    + " 'ringside rpc rpc_get_methods' lists them all. load_config, load_subsystem_config, save_config and"
                    + " save_subsystem_config are there as well."
        })
final class RpcCommand implements Callable<Integer> {
    private static final String JSON = "--json";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Option(
            names = JSON,
            description = "Print the result as JSON, not as text or a table, which leaves out what does not fit; also"
                    + " after the method.")
    private boolean json;

    @Option(names = "-v", description = "Print what is asked, and the answer as JSON, on stderr as well.")
    private boolean verbose;

    @Parameters(index = "0", paramLabel = "METHOD", description = "The method, such as bdev_get_bdevs.")
    private String method;

    @Parameters(
            index = "1..*",
            paramLabel = "PARAM",
            description = "Its parameters: words and options, name=value, or one JSON object.")
    private @Nullable List<String> words;

    @Override
    public Integer call() {
        List<String> given = new ArrayList<>(words == null ? List.of() : words);
        RpcSession session = new RpcSession(client, verbose, given.remove(JSON) || json);
        Optional<CommandLine> configuration = SpdkConfigCommands.named(method, session);
        if (configuration.isPresent()) {
            return Main.below(spec.commandLine(), configuration.get()).execute(given.toArray(String[]::new));
        }
        PrintWriter out = spec.commandLine().getOut();
        Optional<MethodSpec> known = Schema.method(method);
        if (known.isPresent() && (given.contains("--help") || given.contains("-h"))) {
            MethodModel.help(known.get()).usage(out);
            return ExitCode.OK;
        }
        ObjectNode params;
        try {
            params = known.isPresent() ? params(known.get(), given) : ArgumentParser.parse(given);
        } catch (IllegalArgumentException e) {
            spec.commandLine().getErr().println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return session.run(spec.commandLine().getErr(), daemon -> {
            session.print(out, daemon.call(method, params));
            return ExitCode.OK;
        });
    }

    /**
     * What the words after a method mean.
     *
     * @throws IllegalArgumentException they make no sense, or a parameter is missing; the message names it
     */
    static ObjectNode params(MethodSpec method, List<String> given) {
        ObjectNode params = ArgumentParser.parse(method, SpdkSpelling.of(method), given);
        for (ParamSpec param : method.params()) {
            if (param.required() && !params.has(param.name())) {
                throw new IllegalArgumentException("'" + param.name() + "' is missing: "
                        + param.type().describe() + "; 'ringside rpc " + method.name() + " --help' tells more");
            }
        }
        return params;
    }
}
