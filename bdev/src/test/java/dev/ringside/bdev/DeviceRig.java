package dev.ringside.bdev;

import dev.ringside.env.reactor.ReactorLoop;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A real device, registered and open on a reactor that is stepped here. */
public final class DeviceRig implements AutoCloseable {
    private static final long LIMIT_NS = 30_000_000_000L;

    public final BdevRegistry registry = new BdevRegistry();
    public final ReactorLoop reactor;
    public final BdevHandle handle;
    public final BdevChannel channel;
    private final String name;

    /** Opens a device. */
    public DeviceRig(Bdev bdev) throws Exception {
        name = bdev.info().name();
        reactor = new ReactorLoop(
                0,
                (poller, thrown) -> {
                    throw new AssertionError(poller, thrown);
                },
                System.nanoTime());
        reactor.adopt();
        registry.register(bdev);
        handle = registry.open(name, !bdev.info().readOnly(), event -> {});
        channel = handle.openChannel(reactor);
    }

    /** A request of its own, not submitted yet. */
    public Request request(IoType type, long lba, long blocks, MemorySegment... extents) {
        Request request = new Request();
        for (MemorySegment extent : extents) {
            request.data.add(extent, 0, extent.byteSize());
        }
        request.io.prepare(type, lba, blocks, request.data, 0);
        return request;
    }

    /** Submits a request and hands it to the device. */
    public Request submit(Request request) {
        channel.submit(request.io);
        channel.flush();
        return request;
    }

    /** Runs a request to its end, and returns its status. */
    public int run(IoType type, long lba, long blocks, MemorySegment... extents) {
        Request request = submit(request(type, lba, blocks, extents));
        until(() -> request.ends > 0);
        return request.status;
    }

    /** One turn of the reactor. */
    public int step() {
        channel.flush();
        return reactor.step(System.nanoTime());
    }

    /** Turns the reactor until something is so. */
    public void until(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            step();
            if (System.nanoTime() - start > LIMIT_NS) {
                throw new AssertionError("not so after 30 s");
            }
        }
    }

    @Override
    public void close() throws BdevException {
        channel.close();
        handle.close();
        registry.unregister(name).join();
        reactor.close();
    }

    /** A request and how it ended. */
    public static final class Request implements IoOwner {
        public final BdevIo io = new BdevIo(this);
        public final ScatterList data = new ScatterList(8);
        public final List<Runnable> then = new ArrayList<>();
        public int status;
        public int ends;

        @Override
        public void ioDone(BdevIo done, int how) {
            status = how;
            ends++;
            then.forEach(Runnable::run);
        }
    }
}
