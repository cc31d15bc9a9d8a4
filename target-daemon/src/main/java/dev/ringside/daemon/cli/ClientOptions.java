package dev.ringside.daemon.cli;

import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Options of every command that talks to a daemon, and what becomes of it when that fails. */
final class ClientOptions {
    static final String DEFAULT_SOCKET = "/var/tmp/ringside.sock";

    @Option(
            names = {"-r", "-s", "--rpc-socket"},
            paramLabel = "SOCKET",
            defaultValue = DEFAULT_SOCKET,
            description = "The daemon's control socket. Default: ${DEFAULT-VALUE}.")
    private Path socket;

    @Option(
            names = {"-t", "--timeout"},
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait for an answer. Default: ${DEFAULT-VALUE}.")
    private double timeoutSeconds;

    /** What a command does with the daemon; its result is the exit status. */
    interface Work {
        int with(RpcClient client) throws IOException;
    }

    /** Connects, works, and turns what goes wrong into a line on stderr and an exit status. */
    int run(PrintWriter err, Work work) {
        long millis = (long) (timeoutSeconds * 1000);
        if (millis < 1) {
            err.println("ringside: --timeout " + timeoutSeconds + ": more than 0 seconds are allowed");
            return ExitCode.USAGE;
        }
        try (RpcClient client = RpcClient.connect(socket, Duration.ofMillis(millis))) {
            return work.with(client);
        } catch (RpcException e) {
            err.println("ringside: error " + e.code() + ": " + e.getMessage());
            return ExitCode.FAILED;
        } catch (IOException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.NOT_CONNECTED;
        }
    }
}
