package dev.ringside.benchmarks.micro;

import dev.ringside.benchmarks.ring.ChainShape;
import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.memory.MemoryCursor;
import dev.ringside.vhost.queue.Chain;
import dev.ringside.vhost.queue.ChainHandler;
import dev.ringside.vhost.queue.ChainSource;
import dev.ringside.vhost.queue.RingFeatures;
import dev.ringside.vhost.queue.RingFormat;
import dev.ringside.vhost.queue.RingParts;
import dev.ringside.vhost.queue.Virtqueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A request of three buffers through a ring: added by the driver, drained, completed and published by the device, taken back
 * by the driver, on one thread. What is measured is instructions; the traffic between two cores is not in it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RingBenchmark {
    private static final int BATCH = 32;
    private static final int BLOCK = 4096;

    /** Format of the ring. */
    @Param
    public RingFormat format = RingFormat.SPLIT;

    /** Whether each request lies in a table. */
    @Param({"false", "true"})
    public boolean indirect;

    private SharedRam shared;
    private SlotRing driver;
    private Virtqueue device;
    private ChainHandler handler;

    /** JMH makes it, and calls {@link #start} before it measures. */
    @SuppressWarnings("NullAway.Init") // start() follows.
    public RingBenchmark() {}

    /** Makes both sides of a ring. */
    @Setup(Level.Trial)
    public void start() throws LinuxException {
        GuestRam ram = GuestRam.ofMiB(4);
        driver = SlotRing.of(format, ChainShape.BLK, ram, BATCH, false, indirect);
        for (int slot = 0; slot < BATCH; slot++) {
            long line = ram.allocate(64, 64);
            driver.describe(slot, line, ram.allocate(BLOCK, BLOCK), BLOCK, line + 16);
        }
        driver.disableCalls();
        shared = SharedRam.map(ram);
        int size = driver.size();
        RingParts parts = new RingParts(
                shared.device(driver.descriptorArea(), format.descriptors(size).bytes()),
                shared.device(driver.driverArea(), format.driver(size).bytes()),
                shared.device(driver.deviceArea(), format.device(size).bytes()));
        device = format.attach(
                size,
                parts,
                driver.base(),
                new RingFeatures(true, false),
                new MemoryCursor(shared.memory()),
                null,
                ChainSource.unlimited(BareChain::new));
        device.disableKicks();
        handler = this::end;
    }

    private int end(Chain chain) {
        device.complete(chain, 1);
        return Virtqueue.OK;
    }

    /** Gives the memory back. */
    @TearDown(Level.Trial)
    public void stop() {
        shared.close();
    }

    /** One request alone. */
    @Benchmark
    public int one() {
        driver.add(0, true);
        return turn();
    }

    /** A request among 32. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int ofABatch() {
        for (int slot = 0; slot < BATCH; slot++) {
            driver.add(slot, true);
        }
        return turn();
    }

    private int turn() {
        driver.publishQuietly();
        device.drain(BATCH, handler);
        device.publish();
        int back = 0;
        while (driver.poll() != SlotRing.NONE) {
            back++;
        }
        return back;
    }
}
