package dev.ringside.daemon.cli;

import dev.ringside.rpc.client.RpcClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "top",
        description = {
            "Show what disks and reactors do, again and again until it is interrupted.",
            "The numbers are those of framework_get_status, as on the page of serve --metrics."
        })
final class TopCommand implements Callable<Integer> {
    private static final String STATUS = "framework_get_status";
    /** Home, and what was below is erased; so that nothing flickers. */
    private static final String HOME = "\033[H";

    private static final String ERASE_LINE = "\033[K";
    private static final String ERASE_BELOW = "\033[J";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Option(
            names = {"-d", "--delay"},
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "How long to look before what happened is shown. Default: ${DEFAULT-VALUE}.")
    private double delaySeconds;

    @Option(names = "--once", description = "Show it once, without codes for the terminal, and end.")
    private boolean once;

    @Override
    public Integer call() {
        long delayMs = (long) (delaySeconds * 1000);
        if (delayMs < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--delay " + delaySeconds + ": more than 0 seconds are allowed");
        }
        return client.run(spec.commandLine().getErr(), daemon -> run(daemon, delayMs));
    }

    private int run(RpcClient daemon, long delayMs) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        JsonNode before = daemon.call(STATUS);
        do {
            try {
                TimeUnit.MILLISECONDS.sleep(delayMs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExitCode.OK;
            }
            JsonNode now = daemon.call(STATUS);
            String text = TopText.of(before, now);
            out.print(once ? text : HOME + text.replace("\n", ERASE_LINE + "\n") + ERASE_BELOW);
            out.flush();
            before = now;
        } while (!once);
        return ExitCode.OK;
    }
}
