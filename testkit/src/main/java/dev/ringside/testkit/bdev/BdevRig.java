package dev.ringside.testkit.bdev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevEvent;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** A device, registered and open on a stepped reactor, for one check. */
final class BdevRig implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(60);

    final BdevSubject subject;
    final Bdev bdev;
    final BdevInfo info;
    final BdevRegistry registry;
    final SteppedReactor reactor;
    final Arena arena = Arena.ofShared();
    final Random random;
    final List<BdevEvent> events = new ArrayList<>();
    final BdevHandle handle;
    final BdevChannel channel;
    private boolean closed;

    /** Opens a device for reading and, unless it is read-only, for writing. */
    BdevRig(BdevSubject subject, Bdev bdev, long seed) throws Exception {
        this.subject = subject;
        this.bdev = bdev;
        this.info = bdev.info();
        this.random = new Random(seed);
        this.reactor = new SteppedReactor();
        this.registry = subject.registry();
        registry.register(bdev);
        subject.registered(registry, info);
        this.handle = registry.open(info.name(), !info.readOnly(), events::add);
        this.channel = handle.openChannel(reactor.reactor());
    }

    MemorySegment memory(long bytes) {
        return subject.allocate(arena, bytes);
    }

    /** Memory for some blocks, filled at random. */
    MemorySegment randomBlocks(long blocks) {
        MemorySegment memory = memory(bytes(blocks));
        byte[] content = new byte[(int) memory.byteSize()];
        random.nextBytes(content);
        memory.copyFrom(MemorySegment.ofArray(content));
        return memory;
    }

    long bytes(long blocks) {
        return blocks * info.blockSize();
    }

    /** Blocks that hold so many bytes, at least one. */
    long blocks(long bytes) {
        return Math.max(1, bytes / info.blockSize());
    }

    boolean supports(IoType type) {
        return info.supported().contains(type);
    }

    /** Submits a request and hands it to the device. */
    void submit(TestRequest request) {
        channel.submit(request.io);
        channel.flush();
    }

    /** Runs one request to its end; returns its status. */
    int run(TestRequest request) {
        submit(request);
        await("a request", request::done);
        assertThat(request.ends).as("how often the request ended").isEqualTo(1);
        return request.status;
    }

    /** Runs one request, which has to end well. */
    void runWell(TestRequest request) {
        assertThat(run(request))
                .as("%s of %d blocks at %d", request.io.type(), request.io.blocks(), request.io.lba())
                .isEqualTo(IoStatus.OK);
    }

    void write(long lba, MemorySegment content) {
        runWell(new TestRequest().transfer(IoType.WRITE, lba, content.byteSize() / info.blockSize(), content));
    }

    MemorySegment read(long lba, long blocks) {
        MemorySegment content = memory(bytes(blocks));
        runWell(new TestRequest().transfer(IoType.READ, lba, blocks, content));
        return content;
    }

    /** Reads blocks, and compares them with what they should hold if the device keeps data. */
    void expect(long lba, MemorySegment content) {
        MemorySegment found = read(lba, content.byteSize() / info.blockSize());
        if (subject.keepsData()) {
            assertSame(found, content, "block " + lba + " on");
        }
    }

    static void assertSame(MemorySegment found, MemorySegment expected, String where) {
        long at = found.mismatch(expected);
        assertThat(at)
                .as("first byte that differs from what was written, %s", where)
                .isEqualTo(-1);
    }

    /** Turns the reactor, as a user of the channel would, until something is so. */
    void await(String what, BooleanSupplier condition) {
        reactor.await(
                what,
                () -> {
                    channel.flush();
                    return condition.getAsBoolean();
                },
                LIMIT);
    }

    /** Closes the channel and the handle, and takes the device away. */
    void closeDevice() throws BdevException {
        if (!closed) {
            closed = true;
            channel.close();
            handle.close();
            if (events.stream().noneMatch(BdevEvent.Removed.class::isInstance)) {
                assertThat(registry.unregister(info.name())).as("destroyed").isDone();
            }
        }
    }

    @Override
    public void close() throws BdevException {
        try {
            if (!closed) {
                await("everything in flight", () -> channel.outstanding() == 0);
                closeDevice();
            }
        } finally {
            reactor.close();
            arena.close();
        }
    }
}
