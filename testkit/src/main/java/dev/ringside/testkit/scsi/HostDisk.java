package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.scsi.DiskNames;
import dev.ringside.bdev.scsi.ScsiBdev;
import dev.ringside.bdev.scsi.ScsiDisk;
import dev.ringside.bdev.scsi.ScsiHost;
import dev.ringside.bdev.scsi.ScsiListener;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.bdev.scsi.host.ScsiHostDriver;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.testkit.bdev.ReachableMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A range of a disk of a host, with the host; destroying it detaches the host. */
public final class HostDisk implements Bdev, ScsiListener {
    /** For tests that shall see a time-out; of task management functions, none that is the machine's. */
    static final ScsiOptions IMPATIENT = new ScsiOptions(500, 3_000, 8, 2_000, false);

    /** For faults at random, each of which may take an attempt from the same command. */
    public static final ScsiOptions STUBBORN = new ScsiOptions(500, 3_000, 100, 20_000, false);

    private static final int MAPPED_BYTES = 32 << 20;

    /** What drives the adapter. */
    public final ScsiHostDriver driver;

    /** The adapter. */
    public final ScsiHost host;

    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    final ScsiBdev bdev;

    private final DmaSpace dma = new DmaSpace();
    private final ReachableMemory memory = new ReachableMemory(dma, MAPPED_BYTES);

    /** What makes a driver that has not been started. */
    public interface Maker {
        /** Makes it. */
        ScsiHostDriver make(DmaSpace dma) throws Exception;
    }

    /** Attaches a host, for its first disk. */
    public HostDisk(Maker maker, ScsiOptions options, ScsiBdev.Range range) throws Exception {
        this(maker, options, range, 0);
    }

    /**
     * Attaches a host.
     *
     * @param index of the disk, from 0 in the order of discovery
     */
    public HostDisk(Maker maker, ScsiOptions options, ScsiBdev.Range range, int index) throws Exception {
        this.driver = maker.make(dma);
        this.host = ScsiHost.attach("host0", driver, options, new DiskNames(), this);
        this.bdev = ScsiBdev.create("Disk", host.disks().get(index), range);
    }

    /** Attaches a host, and takes all of its first disk. */
    public HostDisk(Maker maker, ScsiOptions options) throws Exception {
        this(maker, options, ScsiBdev.Range.WHOLE);
    }

    /** Attaches a simulated host. */
    HostDisk(SimHostSettings settings, ScsiOptions options, ScsiBdev.Range range) throws Exception {
        this(dma -> new SimHost(settings, dma), options, range);
    }

    /** The simulated host. */
    SimHost sim() {
        return (SimHost) driver;
    }

    /** Memory that the adapter reaches and, for long requests, other. */
    public MemorySegment allocate(Arena arena, long bytes) {
        return memory.allocate(arena, bytes);
    }

    /** The next thing that the host told of. */
    public String nextEvent() throws InterruptedException {
        String event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event).as("an event in 30 s").isNotNull();
        return String.valueOf(event);
    }

    @Override
    public BdevInfo info() {
        return bdev.info();
    }

    @Override
    public IoChannel openChannel(Reactor reactor) throws IOException {
        return bdev.openChannel(reactor);
    }

    @Override
    public void destroy() {
        bdev.destroy();
        host.close();
        memory.close();
        if (driver instanceof SimHost sim) {
            assertThat(sim.violations())
                    .as("what the mid-layer did that it must not")
                    .isEmpty();
        }
    }

    @Override
    public void diskAdded(ScsiDisk disk) {
        events.add("added " + disk.name());
    }

    @Override
    public void diskRemoved(ScsiDisk disk) {
        events.add("removed " + disk.name());
    }

    @Override
    public void diskResized(ScsiDisk disk) {
        events.add("resized " + disk.name() + " to " + disk.description().numBlocks());
    }

    @Override
    public void hostRemoved(ScsiHost removed) {
        events.add("gone " + removed.name());
    }
}
