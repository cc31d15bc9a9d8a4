package dev.ringside.benchmarks.micro;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.Layering;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.fault.Fault;
import dev.ringside.bdev.fault.FaultAction;
import dev.ringside.bdev.fault.FaultPoint;
import dev.ringside.bdev.fault.LiveFault;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.bdev.qos.QosBudget;
import dev.ringside.bdev.qos.QosLayering;
import dev.ringside.bdev.qos.QosLimits;
import dev.ringside.bdev.qos.RateLimit;
import dev.ringside.bdev.stacked.StackedBdev;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;
import java.util.UUID;
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

/** The life of a {@link BdevIo}: prepared, checked, counted, carried out by the module, its owner told. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BdevBenchmark {
    private static final int BLOCK = 512;
    private static final int BLOCKS = 1 << 14;
    private static final int EACH = 4096 / BLOCK;

    /** What is below. */
    @Param
    public Disk disk = Disk.NULL;

    private Arena arena;
    private SteppedReactor reactor;
    private BdevHandle handle;
    private BdevChannel channel;
    private final BdevIo io = new BdevIo((done, status) -> ended = status);
    private final ScatterList data = new ScatterList(1);
    private long lba;
    private int ended;

    /** Disks that end a request at once. */
    public enum Disk {
        /** Does nothing: what is left is the block layer. */
        NULL,
        /** Copies 4 KiB. */
        MALLOC,
        /** Does nothing, through a passthru disk. */
        PASSTHRU,
        /** Does nothing, under a limit that is never reached. */
        LIMITED,
        /** Does nothing, with a fault that hits other requests. */
        FAULTY
    }

    /** JMH makes it, and calls {@link #start} before it measures. */
    @SuppressWarnings("NullAway.Init") // start() follows.
    public BdevBenchmark() {}

    /** Opens the disk. */
    @Setup(Level.Trial)
    public void start() throws IOException, BdevException {
        BdevRegistry registry = new BdevRegistry();
        registry.register(bdev(registry));
        switch (disk) {
            case LIMITED -> registry.layer("disk", Layering.Place.QOS, limits()).join();
            case FAULTY ->
                registry.layer("disk", Layering.Place.FAULTS, faults()).join();
            case NULL, MALLOC, PASSTHRU -> {}
        }
        reactor = new SteppedReactor();
        handle = registry.open("disk", true, event -> {});
        channel = handle.openChannel(reactor.reactor());
        arena = Arena.ofShared();
        data.add(arena.allocate((long) EACH * BLOCK, 4096), 0, (long) EACH * BLOCK);
    }

    private Bdev bdev(BdevRegistry registry) throws BdevException {
        return switch (disk) {
            case NULL, LIMITED, FAULTY -> NullBdev.create("disk", UUID.randomUUID(), BLOCK, BLOCKS);
            case MALLOC -> MallocBdev.create(new MallocOptions("disk", BLOCK, BLOCKS));
            case PASSTHRU -> {
                registry.register(NullBdev.create("base", UUID.randomUUID(), BLOCK, BLOCKS));
                yield StackedBdev.over(
                        registry, "base", new StackedBdev.Identity("disk", UUID.randomUUID(), "passthru"));
            }
        };
    }

    private static Layering limits() {
        // So high that a request takes less than a nanosecond: the clock stands still here.
        RateLimit ios = new RateLimit(4_000_000_000L, 0);
        QosLimits limits = new QosLimits(ios, RateLimit.NONE, RateLimit.NONE, RateLimit.NONE);
        return new QosLayering(List.of(new QosBudget(limits, 0)));
    }

    private static Layering faults() {
        FaultPoint point = new FaultPoint();
        Fault fault = Fault.always(Set.of(IoType.UNMAP), new FaultAction.Fail(IoStatus.IO_ERROR));
        point.set(List.of(new LiveFault(fault, 1, 0)));
        return point;
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void stop() {
        channel.close();
        handle.close();
        reactor.close();
        arena.close();
    }

    /** A read of 4 KiB. */
    @Benchmark
    public int read() {
        lba = lba + EACH < BLOCKS ? lba + EACH : 0;
        io.prepare(IoType.READ, lba, EACH, data, 0);
        channel.submit(io);
        channel.flush();
        return ended;
    }
}
