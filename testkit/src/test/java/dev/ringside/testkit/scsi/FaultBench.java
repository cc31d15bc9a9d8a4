package dev.ringside.testkit.scsi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.ScsiBdev.Range;
import dev.ringside.bdev.scsi.ScsiOptions;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A disk with faults, open on a stepped reactor. */
public final class FaultBench implements AutoCloseable {
    private static final long BYTES = 8 << 20;
    private static final int BLOCK = 512;
    static final Duration LIMIT = Duration.ofSeconds(60);

    /** A request and how it ended. */
    public static final class Request {
        public final BdevIo io = new BdevIo((done, how) -> ended(how));
        public final ScatterList data = new ScatterList(1);
        public int ends;
        public int status;

        private void ended(int how) {
            ends++;
            status = how;
        }
    }

    public final HostDisk disk;
    public final SteppedReactor reactor = new SteppedReactor();
    public final Arena arena = Arena.ofShared();
    final BdevRegistry registry = new BdevRegistry();
    final BdevHandle handle;
    public final BdevChannel channel;
    final Random random = new Random(1);

    FaultBench(List<SimFault> faults) throws Exception {
        this(SimHostSettings.of(SimDiskSettings.ssd("A", BLOCK, BYTES)).withFaults(faults), HostDisk.IMPATIENT);
    }

    FaultBench(SimHostSettings settings, ScsiOptions options) throws Exception {
        this(new HostDisk(settings, options, Range.WHOLE));
    }

    /** With a driver of its own, whose commands are soon found to take too long. */
    public FaultBench(HostDisk.Maker maker) throws Exception {
        this(maker, HostDisk.STUBBORN);
    }

    /** With a driver of its own. */
    public FaultBench(HostDisk.Maker maker, ScsiOptions options) throws Exception {
        this(new HostDisk(maker, options, Range.WHOLE));
    }

    private FaultBench(HostDisk disk) throws Exception {
        this.disk = disk;
        registry.register(disk);
        handle = registry.open("Disk", true, event -> {});
        channel = handle.openChannel(reactor.reactor());
    }

    public MemorySegment memory(int blocks) {
        byte[] content = new byte[blocks * BLOCK];
        random.nextBytes(content);
        return disk.allocate(arena, content.length).copyFrom(MemorySegment.ofArray(content));
    }

    public Request submit(IoType type, long lba, MemorySegment memory) {
        Request request = new Request();
        request.data.add(memory, 0, memory.byteSize());
        request.io.prepare(type, lba, memory.byteSize() / BLOCK, request.data, 0);
        channel.submit(request.io);
        channel.flush();
        return request;
    }

    public List<Request> submitMany(int count) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(submit(IoType.WRITE, i * 8L, memory(8)));
        }
        return requests;
    }

    public void await(List<Request> requests) {
        reactor.await(
                "requests",
                () -> {
                    channel.flush();
                    return requests.stream().allMatch(request -> request.ends > 0);
                },
                LIMIT);
        assertThat(requests).as("each ends once").allMatch(request -> request.ends == 1);
    }

    public int run(IoType type, long lba, MemorySegment memory) {
        Request request = submit(type, lba, memory);
        await(List.of(request));
        return request.status;
    }

    /** Writes blocks, all at once, flushes, and finds what was written; each request ends well, once. */
    public void writeAndRead(int count) {
        List<Request> writes = submitMany(count);
        await(writes);
        assertThat(writes).as("writes").allMatch(request -> request.status == IoStatus.OK);
        assertThat(run(IoType.FLUSH, 0, arena.allocate(0))).isEqualTo(IoStatus.OK);
        List<Request> reads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            reads.add(submit(IoType.READ, i * 8L, memory(8)));
        }
        await(reads);
        assertThat(reads).as("reads").allMatch(request -> request.status == IoStatus.OK);
        for (int i = 0; i < count; i++) {
            MemorySegment found = reads.get(i).data.segment(0);
            assertThat(found.mismatch(writes.get(i).data.segment(0)))
                    .as("first byte that differs, request %d", i)
                    .isEqualTo(-1);
        }
    }

    public String eventWhileTurning() throws InterruptedException {
        reactor.await("an event", () -> !disk.events.isEmpty(), LIMIT);
        return disk.nextEvent();
    }

    @Override
    public void close() throws BdevException {
        reactor.await("everything in flight", () -> channel.outstanding() == 0, LIMIT);
        channel.close();
        handle.close();
        registry.unregister("Disk").join();
        reactor.close();
        arena.close();
    }
}
