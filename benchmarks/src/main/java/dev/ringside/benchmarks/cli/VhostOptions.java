package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.env.linux.CpuSet;
import dev.ringside.vhost.queue.RingFormat;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code perf vhost}, as words; {@link #workload} and the others make sense of them. */
final class VhostOptions {
    static final int MOST_QUEUES = 256;
    static final int MOST_DEPTH = 1024;
    static final int MOST_BLOCK = 1 << 20;
    private static final long MOST_RANGE = 1L << 60;

    @Option(
            names = {"-s", "--socket"},
            paramLabel = "PATH",
            description = "The vhost-user socket of the disk.")
    @Nullable
    Path socket;

    @Option(
            names = "--self-test",
            description = "Load an echo in this process instead, which ends everything at once: the tool's own cost.")
    boolean selfTest;

    @Option(
            names = {"-q", "--queues"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Queues: 1 to " + MOST_QUEUES + ". Default: ${DEFAULT-VALUE}.")
    private String queues;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Threads that drive the queues, in turn if they are fewer: 1 to the number of queues. Default: a"
                            + " thread for each queue.")
    private @Nullable String threads;

    @Option(
            names = {"-d", "--queue-depth"},
            paramLabel = "N",
            defaultValue = "32",
            description = "Requests in flight on each queue: 1 to " + MOST_DEPTH + ". Default: ${DEFAULT-VALUE}.")
    private String depth;

    @Option(
            names = {"-b", "--block-size"},
            paramLabel = "BYTES",
            defaultValue = "4096",
            description = "Bytes of a request: 512 to 1M. Default: ${DEFAULT-VALUE}.")
    private String blockSize;

    @Option(
            names = {"-p", "--pattern"},
            paramLabel = "PATTERN",
            defaultValue = "randread",
            description = "read, write, randread, randwrite, randrw or trim. Default: ${DEFAULT-VALUE}.")
    private String pattern;

    @Option(
            names = "--read-percent",
            paramLabel = "N",
            description = "Reads among 100 requests of randrw: 0 to 100. Default: 50.")
    private @Nullable String readPercent;

    @Option(
            names = "--range",
            paramLabel = "BYTES",
            description = "Use only so much of the disk, from its beginning. Default: all; with --verify at most 256M.")
    private @Nullable String range;

    @Option(
            names = "--verify",
            description =
                    "Stamp blocks with their place, a generation and a checksum, and check what is read. The range is"
                            + " overwritten before reads, and read back after writes.")
    private boolean verify;

    @Option(
            names = "--fill",
            description =
                    "Write the range once before anything else: a disk of which nothing was written has nothing to"
                            + " read, and is faster than any real one.")
    private boolean fill;

    @Option(
            names = "--rate",
            paramLabel = "IOPS",
            description = "At most so many requests a second, evenly; latencies then count from when each was due.")
    private @Nullable String rate;

    @Option(
            names = {"-w", "--warm-up"},
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "How long to run before it counts: 0 to 3600. Default: ${DEFAULT-VALUE}.")
    private String warmUp;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long it counts: 0.1 to 86400. Default: ${DEFAULT-VALUE}.")
    private String time;

    @Option(
            names = "--ring",
            paramLabel = "FORMAT",
            defaultValue = "split",
            description = "Format of the rings: split or packed. Default: ${DEFAULT-VALUE}.")
    private String ring;

    @Option(
            names = "--inflight",
            paramLabel = "on|off",
            defaultValue = "off",
            description =
                    "Whether the back end is given a region to keep account in of what is in flight, as QEMU gives"
                            + " it. Default: ${DEFAULT-VALUE}.")
    private String inflight;

    @Option(
            names = "--calls",
            paramLabel = "on|off",
            defaultValue = "off",
            description = "Whether to sleep until the back end calls, or to poll. Default: ${DEFAULT-VALUE}.")
    private String calls;

    @Option(
            names = "--kicks",
            paramLabel = "on|off",
            defaultValue = "on",
            description = "Whether the back end is given something to be woken with; off: it has to poll."
                    + " Default: ${DEFAULT-VALUE}.")
    private String kicks;

    @Option(
            names = "--indirect",
            paramLabel = "on|off",
            defaultValue = "off",
            description = "Whether to put each request into an indirect table. Default: ${DEFAULT-VALUE}.")
    private String indirect;

    @Option(
            names = "--cores",
            paramLabel = "CORES",
            description =
                    "Cores for the threads, one after the other: a list such as 1 or 2,4-6, or a mask such as 0x2."
                            + " Default: the highest ones.")
    private @Nullable String cores;

    @Option(
            names = "--server-pid",
            paramLabel = "PID",
            description = "The process whose processor time is told. Default: the one that made the socket.")
    private @Nullable String serverPid;

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    /** The load that is asked, as far as it can be told without the disk. */
    Workload workload() {
        if (selfTest == (socket != null)) {
            throw new IllegalArgumentException("one of --socket PATH and --self-test is needed, and not both");
        }
        Pattern chosen = chosen();
        int block = (int) OptionValue.bytes("--block-size", blockSize, 512, MOST_BLOCK, 512);
        requireFits(chosen);
        int reads = chosen.readPercent();
        if (readPercent != null) {
            reads = (int) OptionValue.count("--read-percent", readPercent, 0, 100);
        }
        return new Workload(
                chosen,
                reads,
                block,
                (int) OptionValue.count("--queues", queues, 1, MOST_QUEUES),
                (int) OptionValue.count("--queue-depth", depth, 1, MOST_DEPTH),
                range == null ? 0 : OptionValue.bytes("--range", range, block, MOST_RANGE, 512),
                rate == null ? 0 : OptionValue.count("--rate", rate, 1, 1_000_000_000),
                OptionValue.seconds("--warm-up", warmUp, 0, 3600),
                OptionValue.seconds("--time", time, 0.1, 86_400),
                verify,
                fill || (verify && reads > 0));
    }

    private Pattern chosen() {
        try {
            return Pattern.parse(pattern);
        } catch (IllegalArgumentException e) {
            throw OptionValue.wrong("--pattern", pattern, String.valueOf(e.getMessage()));
        }
    }

    private void requireFits(Pattern chosen) {
        if (readPercent != null && chosen != Pattern.RANDRW) {
            throw new IllegalArgumentException("--read-percent goes with --pattern randrw");
        }
        if (verify && (selfTest || chosen == Pattern.TRIM)) {
            throw new IllegalArgumentException("--verify goes with a disk and with patterns that read or write it");
        }
        if (fill && (selfTest || chosen == Pattern.TRIM)) {
            throw new IllegalArgumentException("--fill goes with a disk and with patterns that read or write it");
        }
        if (selfTest && (calls() || inflight() || serverPid != null)) {
            throw new IllegalArgumentException(
                    "--calls on, --inflight on and --server-pid go with a disk, not with --self-test");
        }
    }

    boolean calls() {
        return OptionValue.onOff("--calls", calls);
    }

    boolean kicks() {
        return OptionValue.onOff("--kicks", kicks);
    }

    boolean indirect() {
        return OptionValue.onOff("--indirect", indirect);
    }

    boolean inflight() {
        return OptionValue.onOff("--inflight", inflight);
    }

    RingFormat ring() {
        return switch (ring) {
            case "split" -> RingFormat.SPLIT;
            case "packed" -> RingFormat.PACKED;
            default -> throw OptionValue.wrong("--ring", ring, "split and packed are allowed");
        };
    }

    /** The process that was named, or 0. */
    int serverPid() {
        return serverPid == null ? 0 : (int) OptionValue.count("--server-pid", serverPid, 1, Integer.MAX_VALUE);
    }

    /**
     * A core for each thread: of those that are named, or else of the highest ones, the highest first.
     *
     * @param online those that there are
     */
    int[] cores(CpuSet online, int queues) {
        int count = threads == null ? queues : (int) OptionValue.count("--threads", threads, 1, queues);
        if (count < queues && calls()) {
            throw OptionValue.wrong(
                    "--threads", String.valueOf(count), "with --calls on a thread for each queue is allowed");
        }
        int[] from;
        if (cores == null) {
            int[] all = online.cores();
            from = IntStream.range(0, all.length)
                    .map(i -> all[all.length - 1 - i])
                    .toArray();
        } else {
            from = OptionValue.cores("--cores", cores, online);
        }
        return IntStream.range(0, count).map(i -> from[i % from.length]).toArray();
    }
}
