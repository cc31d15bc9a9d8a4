package dev.ringside.testkit.bdev;

import java.util.List;
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
    /** For subclasses, which JUnit makes. */
    protected BdevConformance() {}

    /** The kinds of devices to test, as this machine has them. */
    protected abstract List<BdevSubject> subjects() throws Exception;

    /** The suite. */
    @TestFactory
    final Stream<DynamicNode> conformance() throws Exception {
        long seed = BdevSuite.seed();
        System.out.println("bdev conformance of " + getClass().getSimpleName() + ": -D" + BdevSuite.SEED + "=" + seed);
        return subjects().stream().map(subject -> checksOf(subject, seed));
    }

    private static DynamicNode checksOf(BdevSubject subject, long seed) {
        return DynamicContainer.dynamicContainer(
                subject.name(),
                BdevSuite.checksOf(subject).stream()
                        .map(check ->
                                DynamicTest.dynamicTest(check.name(), () -> BdevSuite.run(subject, check, seed))));
    }
}
