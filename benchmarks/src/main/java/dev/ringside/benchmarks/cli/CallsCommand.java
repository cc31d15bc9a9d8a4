package dev.ringside.benchmarks.cli;

import dev.ringside.rpc.client.RpcClient;
import dev.ringside.rpc.codec.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "calls",
        description = {
            "Keep a daemon's control plane busy at a rate: statistics are scraped, disks and controllers listed, a small disk"
                    + " made and deleted.",
            "Tells how long the calls took."
        },
        sortOptions = false)
final class CallsCommand implements Callable<Integer> {
    private static final String DISK = "perf-calls";
    private static final long LONGEST_NS = 60_000_000_000L;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-r", "--rpc-socket"},
            paramLabel = "PATH",
            required = true,
            description = "The daemon's control socket.")
    private Path rpcSocket;

    @Option(
            names = "--rate",
            paramLabel = "CALLS",
            defaultValue = "20",
            description = "Calls a second: 1 to 10000. Default: ${DEFAULT-VALUE}.")
    private String rate;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "For how long: 0.1 to 86400. Default: ${DEFAULT-VALUE}.")
    private String time;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            long betweenNs = 1_000_000_000L / OptionValue.count("--rate", rate, 1, 10_000);
            long timeNs = OptionValue.seconds("--time", time, 0.1, 86_400);
            try (RpcClient client = RpcClient.connect(rpcSocket)) {
                Histogram took = run(client, betweenNs, timeNs);
                out.println(String.format(
                        Locale.ROOT,
                        "%,d calls: p50 %.2f ms, p99 %.2f ms, max %.2f ms",
                        took.getTotalCount(),
                        took.getValueAtPercentile(50) / 1e6,
                        took.getValueAtPercentile(99) / 1e6,
                        took.getMaxValue() / 1e6));
            }
            return ExitCode.OK;
        } catch (IllegalArgumentException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        } catch (ConnectException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.NOT_CONNECTED;
        } catch (IOException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private static Histogram run(RpcClient client, long betweenNs, long timeNs) throws IOException {
        Histogram took = new Histogram(LONGEST_NS, 3);
        long start = System.nanoTime();
        boolean made = false;
        for (long turn = 0; turn * betweenNs < timeNs || made; turn++) {
            LockSupport.parkNanos(start + turn * betweenNs - System.nanoTime());
            long before = System.nanoTime();
            switch ((int) (turn % 5)) {
                case 0 -> client.call("bdev_get_iostat");
                case 1 -> made = make(client);
                case 2 -> client.call("bdev_get_bdevs");
                case 3 -> client.call("vhost_get_controllers");
                default -> made = made && delete(client);
            }
            took.recordValue(Math.min(System.nanoTime() - before, LONGEST_NS));
        }
        return took;
    }

    private static boolean make(RpcClient client) throws IOException {
        ObjectNode params = Json.object();
        params.put("name", DISK);
        params.put("num_blocks", 2048);
        params.put("block_size", 512);
        client.call("bdev_malloc_create", params);
        return true;
    }

    private static boolean delete(RpcClient client) throws IOException {
        ObjectNode params = Json.object();
        params.put("name", DISK);
        client.call("bdev_malloc_delete", params);
        return false;
    }
}
