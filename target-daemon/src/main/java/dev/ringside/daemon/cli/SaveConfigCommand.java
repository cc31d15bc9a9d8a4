package dev.ringside.daemon.cli;

import dev.ringside.daemon.config.ConfigTransfer;
import dev.ringside.rpc.codec.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "save-config",
        description = "Print the daemon's configuration as it is now, in SPDK's layout, for load-config or serve -c.")
final class SaveConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Override
    public Integer call() {
        return client.run(spec.commandLine().getErr(), daemon -> {
            spec.commandLine().getOut().println(Json.pretty(ConfigTransfer.save(daemon::call)));
            return ExitCode.OK;
        });
    }
}
