package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The checks of {@link BdevConformance}, for programs that are no tests. */
public final class BdevSuite {
    static final String SEED = "seed";
    private static final String CHECK = "check";

    private BdevSuite() {}

    /** The seed that was asked for, or a new one. */
    static long seed() {
        return Long.getLong(SEED, new Random().nextLong());
    }

    /** The checks of a subject whose names contain what was asked for. */
    static List<Check> checksOf(BdevSubject subject) {
        List<Check> checks = new ArrayList<>();
        checks.addAll(TransferChecks.all(subject));
        checks.addAll(RangeChecks.all(subject));
        checks.addAll(ZeroChecks.all(subject));
        checks.addAll(VerifyChecks.all(subject));
        checks.addAll(CopyChecks.all(subject));
        checks.addAll(LifecycleChecks.all(subject));
        checks.addAll(RunningChecks.all(subject));
        String wanted = System.getProperty(CHECK, "");
        return checks.stream().filter(check -> check.name().contains(wanted)).toList();
    }

    /** Makes a device, checks it, and destroys it. */
    static void run(BdevSubject subject, Check check, long seed) throws Exception {
        Bdev bdev = check.device().call();
        try (BdevRig rig = new BdevRig(subject, bdev, seed)) {
            check.body().accept(rig);
        } catch (AssertionError | Exception e) {
            throw new AssertionError(subject.name() + ", " + check.name() + ", -D" + SEED + "=" + seed + ": " + e, e);
        }
    }

    /**
     * Runs all checks, one after the other, and tells of each in a line.
     *
     * @return how many failed
     */
    public static int run(BdevSubject subject, PrintStream out) {
        return run(subject, checksOf(subject), out);
    }

    /**
     * Checks a device only for how it tells that its last block cannot be read.
     *
     * @param status what the read ends with
     * @return how many checks failed
     */
    public static int runUnreadable(BdevSubject subject, int status, PrintStream out) {
        return run(
                subject,
                List.of(Check.of(subject, "unreadable block", rig -> RangeChecks.unreadable(rig, status))),
                out);
    }

    private static int run(BdevSubject subject, List<Check> checks, PrintStream out) {
        long seed = seed();
        int failed = 0;
        for (Check check : checks) {
            long start = System.nanoTime();
            String verdict = "passed";
            try {
                run(subject, check, seed);
            } catch (AssertionError | Exception e) {
                failed++;
                verdict = "FAILED: " + e;
            }
            out.printf(
                    "%s: %s: %s, %d ms%n",
                    subject.name(), check.name(), verdict, (System.nanoTime() - start) / 1_000_000);
        }
        return failed;
    }
}
