package dev.ringside.daemon.cli;

import dev.ringside.daemon.config.ConfigTransfer;
import dev.ringside.rpc.codec.Json;
import java.io.IOException;
import java.io.PrintWriter;
import tools.jackson.databind.JsonNode;

/**
 * The daemon that 'ringside rpc' talks to, and how it tells what is said.
 *
 * @param verbose whether each call and its answer are printed on stderr
 * @param json whether results are printed as JSON, not as text
 */
record RpcSession(ClientOptions client, boolean verbose, boolean json) {
    /** What is done with the daemon; its result is the exit status. */
    interface Work {
        int with(ConfigTransfer.Caller daemon) throws IOException;
    }

    /** Connects and works, as {@link ClientOptions#run} does. */
    int run(PrintWriter err, Work work) {
        return client.run(err, daemon -> work.with(verbose ? told(daemon::call, err) : daemon::call));
    }

    /** Prints a result. */
    void print(PrintWriter out, JsonNode result) {
        if (json) {
            out.println(Json.pretty(result));
        } else {
            ResultText.lines(result).forEach(out::println);
        }
    }

    private static ConfigTransfer.Caller told(ConfigTransfer.Caller daemon, PrintWriter err) {
        return (method, params) -> {
            err.println("ringside: asked: " + method + (params == null ? "" : " " + Json.text(params)));
            JsonNode result = daemon.call(method, params);
            err.println("ringside: answer: " + Json.text(result));
            return result;
        };
    }
}
