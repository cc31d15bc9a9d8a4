package dev.ringside.benchmarks.cli;

import dev.ringside.benchmarks.hw.HwAdapter;
import dev.ringside.benchmarks.hw.HwDisk;
import dev.ringside.benchmarks.hw.HwRun;
import dev.ringside.benchmarks.load.LoadException;
import dev.ringside.benchmarks.load.Pattern;
import dev.ringside.benchmarks.report.HwReport;
import dev.ringside.env.pci.PciAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "hw",
        description = {
            "Read from a disk behind a SAS adapter that vfio-pci has, past everything but the adapter's driver: commands are"
                    + " built beforehand, given to the driver, and polled for. The adapter is reset at first.",
            "Writes nothing."
        },
        sortOptions = false,
        footer = {"", "For example:", "  ringside perf hw 0000:05:00.0 --target 0 --queue-depth 1 --block-size 4k"})
final class HwCommand implements Callable<Integer> {
    private static final int MOST_DEPTH = 64;
    private static final int MOST_BLOCK = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "ADDRESS", description = "The PCI address, such as 0000:05:00.0.")
    private String address;

    @Option(
            names = "--target",
            paramLabel = "N",
            defaultValue = "0",
            description = "The disk's number: ${DEFAULT-VALUE}.")
    private String target;

    @Option(
            names = {"-p", "--pattern"},
            paramLabel = "PATTERN",
            defaultValue = "randread",
            description = "read (one block after the other) or randread. Default: ${DEFAULT-VALUE}.")
    private String pattern;

    @Option(
            names = {"-b", "--block-size"},
            paramLabel = "BYTES",
            defaultValue = "4k",
            description = "Bytes of a read. Default: ${DEFAULT-VALUE}.")
    private String blockSize;

    @Option(
            names = {"-d", "--queue-depth"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Reads at a time. Default: ${DEFAULT-VALUE}.")
    private String depth;

    @Option(
            names = {"-w", "--warm-up"},
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "What is not measured, at first. Default: ${DEFAULT-VALUE}.")
    private String warmUp;

    @Option(
            names = {"-t", "--time"},
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "What is measured. Default: ${DEFAULT-VALUE}.")
    private String time;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            PciAddress place = PciAddress.parse(address)
                    .orElseThrow(() -> OptionValue.wrong("ADDRESS", address, "one such as 0000:05:00.0 is allowed"));
            int reads = (int) OptionValue.count("--queue-depth", depth, 1, MOST_DEPTH);
            int bytes = (int) OptionValue.bytes("--block-size", blockSize, 512, MOST_BLOCK, 512);
            int number = (int) OptionValue.count("--target", target, 0, 65_535);
            long warmNs = OptionValue.seconds("--warm-up", warmUp, 0, 3600);
            long timeNs = OptionValue.seconds("--time", time, 0.1, 86_400);
            boolean random = random();
            try (HwAdapter adapter = new HwAdapter(place, (long) MOST_DEPTH * MOST_BLOCK)) {
                HwDisk disk = adapter.disk(number);
                requireFits(adapter, disk, reads, bytes);
                HwRun.Result result = new HwRun(adapter, disk, reads, bytes, random).run(warmNs, timeNs);
                String title = disk.device().target() + " of " + adapter.describe() + ": " + pattern + ", " + bytes
                        + " bytes, depth " + reads;
                HwReport report = new HwReport(title, bytes, result);
                if (json) {
                    out.println(report.json().toPrettyString());
                } else {
                    report.lines().forEach(out::println);
                }
                return result.failed() == 0 ? ExitCode.OK : ExitCode.FAILED;
            }
        } catch (IllegalArgumentException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.USAGE;
        } catch (LoadException | IOException e) {
            err.println("ringside: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    private boolean random() {
        if (pattern.equals(Pattern.RANDREAD.text())) {
            return true;
        }
        if (pattern.equals(Pattern.READ.text())) {
            return false;
        }
        throw OptionValue.wrong("--pattern", pattern, "read and randread are allowed");
    }

    private static void requireFits(HwAdapter adapter, HwDisk disk, int reads, int bytes) {
        int mostDepth = adapter.capabilities().queueDepth();
        if (reads > mostDepth) {
            throw OptionValue.wrong("--queue-depth", String.valueOf(reads), "the adapter takes at most " + mostDepth);
        }
        int most = adapter.capabilities().maxTransferBytes();
        if (bytes % disk.blockSize() != 0 || bytes > most || bytes > disk.blocks() * disk.blockSize()) {
            throw OptionValue.wrong(
                    "--block-size",
                    String.valueOf(bytes),
                    "multiples of " + disk.blockSize() + " up to " + most
                            + ", and to the size of the disk, are allowed");
        }
    }
}
