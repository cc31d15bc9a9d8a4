package dev.ringside.testkit.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.nvme.ControllerInfo;
import dev.ringside.testkit.reactor.SteppedReactor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A disk on a model that is open on a stepped reactor, and the requests that it was given. */
final class DiskLoad implements AutoCloseable {
    private static final int BLOCK = 512;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    /** A turn of this length lets the time of the reactor pass as time does while it waits. */
    private static final long TURN_NS = TimeUnit.MICROSECONDS.toNanos(200);

    final ModelDisk disk;
    /** How the requests of the last {@link #submit} have ended, in the order in which they did. */
    final List<Integer> statuses = new ArrayList<>();

    private final List<BdevIo> requests = new ArrayList<>();
    private final List<Integer> ended = new ArrayList<>();
    private final Arena arena = Arena.ofShared();
    private final BdevRegistry registry = new BdevRegistry();
    private final SteppedReactor reactor = new SteppedReactor();
    private final BdevHandle handle;
    private final BdevChannel channel;

    DiskLoad(ModelDisk disk) throws Exception {
        this.disk = disk;
        registry.register(disk);
        handle = registry.open(disk.info().name(), true, event -> {});
        channel = handle.openChannel(reactor.reactor());
    }

    /** Submits writes of the block's number, one block each, or reads of them. */
    void submit(IoType type, int count) {
        requests.clear();
        statuses.clear();
        ended.clear();
        for (int i = 0; i < count; i++) {
            int number = i;
            ScatterList data = new ScatterList(1);
            MemorySegment memory = disk.allocate(arena, BLOCK);
            memory.fill((byte) (type == IoType.WRITE ? i + 1 : 0));
            data.add(memory, 0, BLOCK);
            BdevIo io = new BdevIo((done, status) -> {
                ended.add(number);
                statuses.add(status);
            });
            io.prepare(type, i, 1, data, 0);
            requests.add(io);
            channel.submit(io);
        }
        channel.flush();
    }

    /** Waits for the end of all requests; each ends once. */
    void await() {
        turnUntil("the end of all requests", () -> {
            channel.flush();
            return channel.outstanding() == 0;
        });
        assertThat(ended)
                .as("requests, by their numbers")
                .hasSameSizeAs(requests)
                .doesNotHaveDuplicates();
    }

    /** All is written, and read back. */
    void runVerified(int count) {
        submit(IoType.WRITE, count);
        await();
        assertThat(statuses).containsOnly(IoStatus.OK);
        submit(IoType.READ, count);
        await();
        assertThat(statuses).containsOnly(IoStatus.OK);
        for (int i = 0; i < count; i++) {
            assertThat(requests.get(i).data().segment(0).get(ValueLayout.JAVA_BYTE, BLOCK - 1))
                    .as("block %d", i)
                    .isEqualTo((byte) (i + 1));
        }
    }

    ControllerInfo info() {
        return disk.controller.info();
    }

    /** The time of the reactor. */
    long nowNs() {
        return reactor.reactor().nowNs();
    }

    /** The next thing that the controller tells of, while the reactor turns. */
    String awaitEvent() throws InterruptedException {
        turnUntil("an event", () -> !disk.events.isEmpty());
        return disk.nextEvent();
    }

    void turnUntil(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            long turn = System.nanoTime();
            reactor.step(TURN_NS);
            while (System.nanoTime() - turn < TURN_NS) {
                Thread.onSpinWait();
            }
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new AssertionError(what + ": not so after " + LIMIT);
            }
        }
    }

    @Override
    public void close() throws BdevException {
        turnUntil("the end of all requests", () -> channel.outstanding() == 0);
        channel.close();
        handle.close();
        assertThat(registry.unregister(disk.info().name())).isDone();
        reactor.close();
        arena.close();
    }
}
