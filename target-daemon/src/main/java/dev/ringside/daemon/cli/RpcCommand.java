package dev.ringside.daemon.cli;

import dev.ringside.daemon.Schema;
import dev.ringside.rpc.codec.Json;
import dev.ringside.rpc.schema.ArgumentParser;
import dev.ringside.rpc.schema.MethodSpec;
import dev.ringside.rpc.schema.SchemaDocument;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "rpc",
        description = "Call a method of the daemon and print its result, as JSON.",
        footer = {
            "",
            "For example:",
            "  ringside rpc bdev_malloc_create --name ram0 --num-blocks 131072 --block-size 512",
            "  ringside rpc vhost_create_blk_controller '{\"ctrlr\": \"vhost.0\", \"dev_name\": \"ram0\"}'",
            "",
            "'ringside rpc METHOD --help' tells about a method, 'ringside rpc rpc_get_methods' lists them all."
        })
final class RpcCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Parameters(index = "0", paramLabel = "METHOD", description = "The method, such as bdev_get_bdevs.")
    private String method;

    @Parameters(
            index = "1..*",
            paramLabel = "PARAM",
            description = "Its parameters: --name value, name=value, or one JSON object.")
    private @Nullable List<String> words;

    @Override
    public Integer call() {
        List<String> given = words == null ? List.of() : words;
        @Nullable MethodSpec known = Schema.method(method).orElse(null);
        if (known != null && given.equals(List.of("--help"))) {
            spec.commandLine().getOut().println(SchemaDocument.render(List.of(known)));
            return ExitCode.OK;
        }
        ObjectNode params;
        try {
            params = ArgumentParser.parse(known, given);
        } catch (IllegalArgumentException e) {
            spec.commandLine().getErr().println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        }
        return client.run(spec.commandLine().getErr(), daemon -> {
            spec.commandLine().getOut().println(Json.pretty(daemon.call(method, params)));
            return ExitCode.OK;
        });
    }
}
