package dev.ringside.testkit.reactor;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.ReactorLoop;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A reactor whose turns and whose clock a test drives by hand, so that what happens on it is the same each time. It belongs
 * to the thread that makes it. A poller or a message that throws fails the step that it threw in.
 */
public final class SteppedReactor implements AutoCloseable {
    private static final long START_NS = 1_000_000_000;
    private static final long TURN_NS = 1_000;

    private final ReactorLoop loop;
    private long nowNs = START_NS;
    private @Nullable AssertionError failure;

    /**
     * Makes a reactor that says it is on core 0.
     *
     * @throws LinuxException if the kernel gives no descriptors
     */
    public SteppedReactor() throws LinuxException {
        loop = new ReactorLoop(0, this::failed, nowNs);
        loop.adopt();
    }

    /** What code under test is given. */
    public Reactor reactor() {
        return loop;
    }

    /**
     * One turn, one microsecond after the last.
     *
     * @return the work done
     * @throws AssertionError if a poller or a message threw
     */
    public int step() {
        return step(TURN_NS);
    }

    /**
     * One turn, some time after the last.
     *
     * @return the work done
     */
    public int step(long laterNs) {
        nowNs += laterNs;
        int work = loop.step(nowNs);
        AssertionError thrown = failure;
        if (thrown != null) {
            failure = null;
            throw thrown;
        }
        return work;
    }

    /**
     * Turns until something is so, for what depends on nothing but turns.
     *
     * @param maxSteps at least 1
     * @return how many turns it took, 0 if it was so from the beginning
     * @throws AssertionError if it was not so after {@code maxSteps} turns
     */
    public int stepUntil(BooleanSupplier condition, int maxSteps) {
        for (int steps = 0; steps < maxSteps; steps++) {
            if (condition.getAsBoolean()) {
                return steps;
            }
            step();
        }
        if (condition.getAsBoolean()) {
            return maxSteps;
        }
        throw new AssertionError("not so after " + maxSteps + " turns");
    }

    /**
     * Turns until something is so, for what waits for the kernel or a device.
     *
     * @param what is awaited, for the message
     * @param limit of real time
     * @throws AssertionError if it was not so after that time
     */
    public void await(String what, BooleanSupplier condition, Duration limit) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (step() == 0) {
                Thread.onSpinWait();
            }
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new AssertionError(what + ": not so after " + limit);
            }
        }
    }

    @Override
    public void close() {
        loop.close();
    }

    private void failed(String name, Throwable thrown) {
        failure = new AssertionError(name + " threw", thrown);
    }
}
