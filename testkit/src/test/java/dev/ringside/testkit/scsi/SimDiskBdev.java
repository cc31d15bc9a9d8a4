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
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.Mapping;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A range of the first disk of a simulated host, with the host; destroying it detaches the host. */
final class SimDiskBdev implements Bdev, ScsiListener {
    /** For tests that shall see a time-out. */
    static final ScsiOptions IMPATIENT = new ScsiOptions(50, 200, 8, 2_000);

    private static final int MAPPED_BYTES = 32 << 20;

    final SimHost sim;
    final ScsiHost host;
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    final ScsiBdev bdev;

    private final DmaSpace dma = new DmaSpace();
    private final Mapping memory = Mapping.anonymous(MAPPED_BYTES);
    private long used;

    SimDiskBdev(SimHostSettings settings, ScsiOptions options, ScsiBdev.Range range) throws Exception {
        dma.add(memory.segment());
        this.sim = new SimHost(settings, dma);
        this.host = ScsiHost.attach("sim0", sim, options, new DiskNames(), this);
        this.bdev = ScsiBdev.create("Sim", host.disks().getFirst(), range);
    }

    /** Memory that the adapter reaches, as long as there is some, and then other. */
    MemorySegment allocate(Arena arena, long bytes) {
        long rounded = (bytes + 4095) & -4096L;
        if (rounded > MAPPED_BYTES / 4 || used + rounded > MAPPED_BYTES) {
            return arena.allocate(bytes, 4096);
        }
        MemorySegment part = memory.segment().asSlice(used, bytes);
        used += rounded;
        return part.fill((byte) 0);
    }

    /** The next thing that the host told of. */
    String nextEvent() throws InterruptedException {
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
        assertThat(sim.violations())
                .as("what the mid-layer did that it must not")
                .isEmpty();
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
        events.add("resized " + disk.name() + " to "
                + disk.description().capacity().numBlocks());
    }

    @Override
    public void hostRemoved(ScsiHost removed) {
        events.add("gone " + removed.name());
    }
}
