package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What every block device does alike. A subclass names the devices; each check gets a fresh one. What a device cannot do
 * makes no test, so that none is ever skipped. {@code -Dcheck=} runs only the checks whose names contain it, and
 * {@code -Dseed=} repeats the random ones.
 */
public abstract class BdevConformance {
    private static final String SEED = "seed";
    private static final String CHECK = "check";

    /** For subclasses, which JUnit makes. */
    protected BdevConformance() {}

    /** The kinds of devices to test, as this machine has them. */
    protected abstract List<BdevSubject> subjects() throws Exception;

    /** The suite. */
    @TestFactory
    final Stream<DynamicNode> conformance() throws Exception {
        long seed = Long.getLong(SEED, new Random().nextLong());
        System.out.println("bdev conformance of " + getClass().getSimpleName() + ": -D" + SEED + "=" + seed);
        return subjects().stream().map(subject -> checksOf(subject, seed));
    }

    private static DynamicNode checksOf(BdevSubject subject, long seed) {
        List<Check> checks = new ArrayList<>();
        checks.addAll(TransferChecks.all(subject));
        checks.addAll(RangeChecks.all(subject));
        checks.addAll(ZeroChecks.all(subject));
        checks.addAll(LifecycleChecks.all(subject));
        checks.addAll(RunningChecks.all(subject));
        String wanted = System.getProperty(CHECK, "");
        return DynamicContainer.dynamicContainer(
                subject.name(),
                checks.stream()
                        .filter(check -> check.name().contains(wanted))
                        .map(check -> DynamicTest.dynamicTest(check.name(), () -> run(subject, check, seed))));
    }

    private static void run(BdevSubject subject, Check check, long seed) throws Exception {
        Bdev bdev = check.device().call();
        try (BdevRig rig = new BdevRig(subject, bdev, seed)) {
            check.body().accept(rig);
        } catch (AssertionError | Exception e) {
            throw new AssertionError(subject.name() + ", " + check.name() + ", -D" + SEED + "=" + seed + ": " + e, e);
        }
    }
}
