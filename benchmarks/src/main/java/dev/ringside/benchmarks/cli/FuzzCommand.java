package dev.ringside.benchmarks.cli;

import dev.ringside.bdev.BdevException;
import dev.ringside.testkit.fuzz.Attacked;
import dev.ringside.testkit.fuzz.FuzzFinding;
import dev.ringside.testkit.fuzz.FuzzRun;
import dev.ringside.vhost.VhostException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "fuzz",
        description = {
            "Attack a target in this process with front ends that misbehave, and watch a guest beside them.",
            "Ends at the first finding, and tells how to see it again."
        })
final class FuzzCommand implements Callable<Integer> {
    private static final long PROGRESS_NS = TimeUnit.SECONDS.toNanos(10);
    /** How long an interrupted run may take to leave nothing behind. */
    private static final long GRACE_S = 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--seconds", paramLabel = "N", description = "How long. Default: 60.")
    private long seconds = 60;

    @Option(names = "--hours", paramLabel = "N", description = "How long, in place of --seconds.")
    private @Nullable Double hours;

    @Option(
            names = "--sessions",
            paramLabel = "N",
            description = "At least so many sessions, even if they take longer. Default: 0.")
    private long sessions;

    @Option(names = "--seed", paramLabel = "N", description = "What all depends on. Default: another one each time.")
    private @Nullable Long seed;

    @Option(
            names = "--device",
            paramLabel = "KIND",
            defaultValue = "blk",
            description = "What is attacked: blk or scsi. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--first",
            paramLabel = "N",
            description = "Session to begin with, to see a finding again. Default: 0.")
    private long first;

    private volatile boolean interrupted;

    @Override
    public Integer call() throws IOException, BdevException, VhostException {
        PrintWriter out = spec.commandLine().getOut();
        long wanted = hours == null ? TimeUnit.SECONDS.toNanos(seconds) : (long) (hours * 3600e9);
        long drawn = seed == null ? System.nanoTime() : seed;
        out.println("fuzz: --device " + device + " --seed " + drawn);
        CountDownLatch done = new CountDownLatch(1);
        Thread end = new Thread(() -> {
            interrupted = true;
            awaitQuietly(done);
        });
        Runtime.getRuntime().addShutdownHook(end);
        try {
            return run(out, drawn, wanted);
        } finally {
            done.countDown();
            if (!interrupted) {
                Runtime.getRuntime().removeShutdownHook(end);
            }
        }
    }

    private Attacked.Device attacked() {
        return switch (device) {
            case "blk" -> Attacked.Device.BLK;
            case "scsi" -> Attacked.Device.SCSI;
            default -> throw OptionValue.wrong("--device", device, "blk and scsi are allowed");
        };
    }

    private int run(PrintWriter out, long drawn, long wanted) throws IOException, BdevException, VhostException {
        long start = System.nanoTime();
        long[] nextLine = {start + PROGRESS_NS};
        try (FuzzRun run = new FuzzRun(drawn, attacked())) {
            run.run(first, () -> {
                long now = System.nanoTime();
                if (now - nextLine[0] >= 0) {
                    nextLine[0] += PROGRESS_NS;
                    out.printf("fuzz: %d s, %d sessions%n", (now - start) / 1_000_000_000, run.sessions());
                    out.flush();
                }
                return interrupted || (now - start >= wanted && run.sessions() >= sessions);
            });
            out.println("fuzz: " + run.summary());
            out.println("fuzz: no finding");
            out.flush();
            return ExitCode.OK;
        } catch (FuzzFinding finding) {
            // What it is comes last, where a long log is looked at first.
            finding.printStackTrace(out);
            out.println("fuzz: FOUND: " + finding.getMessage());
            out.flush();
            return ExitCode.FAILED;
        }
    }

    private static void awaitQuietly(CountDownLatch done) {
        try {
            boolean ended = done.await(GRACE_S, TimeUnit.SECONDS);
            assert ended : "a session does not end";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
