package dev.ringside.benchmarks.micro;

import dev.ringside.bdev.ScatterList;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.testkit.queue.GuestRegion;
import dev.ringside.vhost.memory.MemoryCursor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A guest-physical address translated to memory, the next one each time in another region if there are several. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TranslateBenchmark {
    private static final int BLOCK = 4096;

    /** Regions of guest memory: a guest of QEMU's has two or three. */
    @Param({"1", "3", "16"})
    public int regions = 1;

    private SharedRam shared;
    private MemoryCursor cursor;
    private final ScatterList list = new ScatterList(4);
    private long[] addresses = {};
    private int next;

    /** JMH makes it, and calls {@link #start} before it measures. */
    @SuppressWarnings("NullAway.Init") // start() follows.
    public TranslateBenchmark() {}

    /** Makes the memory. */
    @Setup(Level.Trial)
    public void start() throws LinuxException {
        GuestRam ram = GuestRam.withHoles(regions, 1, 0);
        shared = SharedRam.map(ram);
        cursor = new MemoryCursor(shared.memory());
        List<GuestRegion> all = ram.regions();
        addresses =
                all.stream().mapToLong(region -> region.guestAddress() + BLOCK).toArray();
    }

    /** Gives it back. */
    @TearDown(Level.Trial)
    public void stop() {
        cursor.retire();
        shared.close();
    }

    /** One buffer of 4 KiB, as a scatter list has it. */
    @Benchmark
    public boolean translate() {
        next = next + 1 < addresses.length ? next + 1 : 0;
        list.clear();
        return cursor.translate(addresses[next], BLOCK, list);
    }
}
