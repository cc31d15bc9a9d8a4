package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.load.Workload;
import dev.ringside.env.linux.CpuSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every load can be told, as words; {@link #workload} and {@link #cores} make sense of them. */
final class WorkloadOptions {
    static final int MOST_QUEUES = 256;
    static final int MOST_DEPTH = 1024;
    static final int MOST_BLOCK = 1 << 20;
    private static final long MOST_RANGE = 1L << 60;

    @Option(
            names = {"-q", "--queues"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Queues: 1 to " + MOST_QUEUES + ". Default: ${DEFAULT-VALUE}.")
    private String queues;

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
            description =
                    "read, write, randread, randwrite, randrw, trim, or copy for perf bdev. Default: ${DEFAULT-VALUE}.")
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
            description =
                    "How long it counts: 0.1 to 86400. SIGINT and SIGTERM end it before that: what has come of it so far"
                            + " is told, but by perf hw. Default: ${DEFAULT-VALUE}.")
    private String time;

    @Option(
            names = "--cores",
            paramLabel = "CORES",
            description =
                    "Cores for the threads, one after the other: a list such as 1 or 2,4-6, or a mask such as 0x2."
                            + " Default: the highest ones.")
    private @Nullable String cores;

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean json;

    /**
     * The load that is asked, as far as it can be told without the disk; what makes no sense is an {@link
     * IllegalArgumentException}.
     *
     * @param disk whether there is a disk that keeps what is written
     */
    Workload workload(boolean disk) {
        Pattern chosen = chosen();
        int block = (int) OptionValue.bytes("--block-size", blockSize, 512, MOST_BLOCK, 512);
        requireFits(chosen, disk);
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
        return pattern("--pattern", pattern);
    }

    private static Pattern pattern(String option, String text) {
        try {
            return Pattern.parse(text);
        } catch (IllegalArgumentException e) {
            throw OptionValue.wrong(option, text, String.valueOf(e.getMessage()));
        }
    }

    /**
     * A load in one word, such as {@code randread:4k:32}; what makes no sense is an {@link IllegalArgumentException}.
     *
     * @param option whose value it is
     * @param common all else
     */
    static Workload of(String option, String text, Workload common) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw OptionValue.wrong(option, text, "PATTERN:BYTES:DEPTH is allowed, such as randread:4k:32");
        }
        return common.withRequests(
                pattern(option, parts[0]), (int) OptionValue.bytes(option, parts[1], 512, MOST_BLOCK, 512), (int)
                        OptionValue.count(option, parts[2], 1, MOST_DEPTH));
    }

    private void requireFits(Pattern chosen, boolean disk) {
        if (readPercent != null && chosen != Pattern.RANDRW) {
            throw new IllegalArgumentException("--read-percent goes with --pattern randrw");
        }
        if (chosen == Pattern.COPY && !disk) {
            throw new IllegalArgumentException("--pattern copy goes with perf bdev");
        }
        if (verify && (!disk || !chosen.movesData())) {
            throw new IllegalArgumentException("--verify goes with a disk and with patterns that read or write it");
        }
        if (fill && (!disk || !chosen.movesData())) {
            throw new IllegalArgumentException("--fill goes with a disk and with patterns that read or write it");
        }
    }

    /**
     * A core for each thread: of those that are named, or else of the highest ones, the highest first.
     *
     * @param online those that there are
     */
    int[] cores(CpuSet online, int threads) {
        int[] from;
        if (cores == null) {
            int[] all = online.cores();
            from = IntStream.range(0, all.length)
                    .map(i -> all[all.length - 1 - i])
                    .toArray();
        } else {
            from = OptionValue.cores("--cores", cores, online);
        }
        return IntStream.range(0, threads).map(i -> from[i % from.length]).toArray();
    }
}
