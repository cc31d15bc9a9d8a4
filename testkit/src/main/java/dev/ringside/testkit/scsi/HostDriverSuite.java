package dev.ringside.testkit.scsi;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * The suite that every driver of a host passes, without the mid-layer. {@code -Dcheck=} runs only the checks whose names contain
 * it, and {@code -Dseed=} repeats the data.
 */
public final class HostDriverSuite {
    private static final String SEED = "seed";
    private static final String CHECK = "check";

    private HostDriverSuite() {}

    /** The suite as tests, each with a driver of its own. */
    public static Stream<DynamicTest> tests(HostSubject subject) {
        long seed = seed();
        return checks().stream()
                .map(check -> DynamicTest.dynamicTest(check.getKey(), () -> run(subject, check.getValue(), seed)));
    }

    /**
     * Runs all checks, one after the other, and tells of each in a line, for programs that are no tests.
     *
     * @return how many failed
     */
    public static int run(HostSubject subject, PrintStream out) {
        long seed = seed();
        int failed = 0;
        for (Map.Entry<String, HostDriverChecks.Check> check : checks()) {
            String verdict = "passed";
            try {
                run(subject, check.getValue(), seed);
            } catch (AssertionError | Exception e) {
                failed++;
                verdict = "FAILED: " + e;
            }
            out.printf("%s: %s: %s%n", subject.name(), check.getKey(), verdict);
        }
        return failed;
    }

    private static void run(HostSubject subject, HostDriverChecks.Check check, long seed) throws Exception {
        try (HostDriverRig rig = new HostDriverRig(subject, seed)) {
            check.run(rig);
        } catch (AssertionError e) {
            throw new AssertionError(subject.name() + ", -D" + SEED + "=" + seed + ": " + e.getMessage(), e);
        }
    }

    private static List<Map.Entry<String, HostDriverChecks.Check>> checks() {
        String wanted = System.getProperty(CHECK, "");
        return HostDriverChecks.all().entrySet().stream()
                .filter(check -> check.getKey().contains(wanted))
                .toList();
    }

    private static long seed() {
        return Long.getLong(SEED, new Random().nextLong());
    }
}
