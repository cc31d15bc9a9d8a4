package dev.ringside.benchmarks.micro;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.malloc.MallocBdev;
import dev.ringside.bdev.malloc.MallocOptions;
import dev.ringside.bdev.nulldisk.NullBdev;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.io.IOException;
import java.lang.foreign.Arena;
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
        MALLOC
    }

    /** JMH makes it, and calls {@link #start} before it measures. */
    @SuppressWarnings("NullAway.Init") // start() follows.
    public BdevBenchmark() {}

    /** Opens the disk. */
    @Setup(Level.Trial)
    public void start() throws IOException, BdevException {
        Bdev bdev = switch (disk) {
            case NULL -> NullBdev.create("disk", UUID.randomUUID(), BLOCK, BLOCKS);
            case MALLOC -> MallocBdev.create(new MallocOptions("disk", BLOCK, BLOCKS));
        };
        BdevRegistry registry = new BdevRegistry();
        registry.register(bdev);
        reactor = new SteppedReactor();
        handle = registry.open("disk", true, event -> {});
        channel = handle.openChannel(reactor.reactor());
        arena = Arena.ofShared();
        data.add(arena.allocate((long) EACH * BLOCK, 4096), 0, (long) EACH * BLOCK);
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
