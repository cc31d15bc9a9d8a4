package dev.ringside.bdev.scsi.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoLimits;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiTarget;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.ReactorLoop;
import dev.ringside.scsi.sense.SenseKey;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;

/** A queue whose adapter is played by the test, with a clock that is turned by hand, and a disk on it. */
final class QueueRig implements QueueEvents, AutoCloseable {
    static final long MS = 1_000_000;
    private static final QueueSettings SETTINGS = new QueueSettings(8, 1000 * MS, 2, 500 * MS, 4, 0);

    final ScriptedPort port = new ScriptedPort();
    final List<String> events = new ArrayList<>();
    final BdevRegistry registry = new BdevRegistry();
    final Unit unit;
    final HostQueue queue;
    final BdevChannel channel;
    long now = 1000 * MS;

    private final ReactorLoop reactor;
    private final BdevHandle handle;

    QueueRig(UnitTraits traits) throws Exception {
        unit = unit(0, traits);
        reactor = new ReactorLoop(0, (name, thrown) -> events.add(name + ": " + thrown), now);
        reactor.adopt();
        queue = new HostQueue(reactor, new QueueHub(port, 9, null), SETTINGS, new DmaSpace(), this);
        handle = open("disk", unit);
        channel = handle.openChannel(reactor);
    }

    static Unit unit(int id, UnitTraits traits) {
        return new Unit(new ScsiDevice(new ScsiTarget(0, id, 0, ScsiTarget.Transport.SAS, 0, "", 0), 0), traits);
    }

    /** Makes another disk on the queue, and opens it. */
    BdevHandle open(String name, Unit of) throws Exception {
        registry.register(new OneDisk(name, of));
        return registry.open(name, true, event -> {});
    }

    BdevChannel channel(BdevHandle of) throws Exception {
        return of.openChannel(reactor);
    }

    void turn(long ms) {
        now += ms * MS;
        reactor.step(now);
    }

    @Override
    public void close() {
        channel.close();
        handle.close();
        assertThat(events).contains("unused");
        reactor.close();
    }

    @Override
    public void overdue(HostQueue from, int index) {
        events.add("overdue");
    }

    @Override
    public void abort(HostQueue from, int index) {
        events.add("abort");
    }

    @Override
    public void reset(DiskChannel from) {
        events.add("reset");
    }

    @Override
    public void attention(Unit from, int code) {
        events.add("attention " + Integer.toHexString(code));
    }

    @Override
    public void deferred(Unit from, SenseKey key, int code) {
        events.add("deferred " + key + " " + Integer.toHexString(code));
    }

    @Override
    public void starved(HostQueue from, int bytes) {
        events.add("starved");
    }

    @Override
    public void unused(HostQueue from) {
        events.add("unused");
    }

    /** A request of one block. */
    final class Request {
        final ScatterList data = new ScatterList(1);
        final BdevIo io;
        int ends;
        int status = 1;

        Request(IoType type, long lba) {
            this(type, lba, 0);
        }

        Request(IoType type, long lba, int flags) {
            this(channel, type, lba, flags);
        }

        Request(BdevChannel to, IoType type, long lba, int flags) {
            data.add(MemorySegment.ofArray(new byte[512]), 0, 512);
            io = new BdevIo((done, how) -> {
                ends++;
                status = how;
            });
            io.prepare(type, lba, 1, data, flags);
            to.submit(io);
            to.flush();
        }
    }

    private final class OneDisk implements Bdev {
        private final BdevInfo info;
        private final Unit of;

        OneDisk(String name, Unit of) {
            this.of = of;
            this.info = new BdevInfo(
                    name,
                    List.of(),
                    "SCSI disk",
                    new UUID(0, 1 + of.device().target().id()),
                    512,
                    512,
                    1L << 33,
                    false,
                    of.traits().writeCache(),
                    false,
                    EnumSet.of(IoType.READ, IoType.WRITE, IoType.FLUSH, IoType.UNMAP, IoType.WRITE_ZEROES),
                    IoLimits.NONE);
        }

        @Override
        public BdevInfo info() {
            return info;
        }

        @Override
        public IoChannel openChannel(Reactor where) throws IOException {
            return new DiskChannel(of, 0, queue);
        }

        @Override
        public void destroy() {}
    }
}
