package dev.ringside.bdev.fault;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.Layer;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** One reactor's way to a device through its faults. */
final class FaultChannel implements Layer, Poller {
    /** Longer than a daemon lives, and far from an overflow. */
    private static final long FOREVER_NS = 1L << 61;

    private final FaultPoint point;
    private final IoChannel below;
    private final Reactor reactor;
    private final Registration poller;
    private final HeldRequests held = new HeldRequests();
    private final ArrayDeque<SpoiltRequest> freeSpoilt = new ArrayDeque<>();
    private boolean gone;
    private boolean closed;

    FaultChannel(FaultPoint point, IoChannel below, Reactor reactor) {
        this.point = point;
        this.below = below;
        this.reactor = reactor;
        this.poller = reactor.register("faults", this);
    }

    @Override
    public boolean submit(BdevIo io) {
        if (io.type() == IoType.RESET) {
            endHeld(IoStatus.ABORTED);
        } else if (!gone) {
            long nowNs = reactor.nowNs();
            for (LiveFault fault : point.live()) {
                if (fault.hits(io, nowNs)) {
                    return suffer(io, fault, nowNs);
                }
            }
        }
        return below.submit(io);
    }

    private boolean suffer(BdevIo io, LiveFault fault, long nowNs) {
        switch (fault.fault().action()) {
            case FaultAction.Fail fail -> io.complete(fail.status());
            case FaultAction.Stick stick -> held.add(io, fault, nowNs + FOREVER_NS);
            case FaultAction.Delay delay ->
                held.add(io, fault, nowNs + fault.run().draw(delay.latency()));
            case FaultAction.NoMemory none -> {
                return false;
            }
            case FaultAction.Corrupt corrupt -> {
                return spoil(io, corrupt);
            }
        }
        return true;
    }

    private boolean spoil(BdevIo io, FaultAction.Corrupt how) {
        SpoiltRequest spoilt = freeSpoilt.poll();
        if (spoilt == null) {
            spoilt = new SpoiltRequest(this);
        }
        io.moduleObject = spoilt;
        return spoilt.submit(io, how, below);
    }

    void free(SpoiltRequest spoilt) {
        freeSpoilt.push(spoilt);
    }

    @Override
    public void abort(BdevIo io) {
        if (held.remove(io)) {
            io.complete(IoStatus.ABORTED);
        } else if (io.moduleObject instanceof SpoiltRequest spoilt && spoilt.standsFor(io)) {
            spoilt.abort(below);
        } else {
            below.abort(io);
        }
    }

    @Override
    public void removed() {
        gone = true;
        endHeld(IoStatus.NO_DEVICE);
        below.removed();
    }

    @Override
    public int poll(long nowNs) {
        int passed = 0;
        // Only those that are there now: an owner that is told of an end may submit more.
        for (int n = held.size(); n > 0 && isDue(nowNs); n--) {
            BdevIo io = held.take();
            if (!io.submitHeld(below)) {
                held.add(io, null, nowNs);
                break;
            }
            passed++;
        }
        if (passed > 0) {
            below.flush();
        }
        return passed;
    }

    @Override
    public boolean arm() {
        return !isDue(reactor.nowNs());
    }

    @Override
    public long longestSleepNs(long nowNs) {
        return held.isEmpty() ? Long.MAX_VALUE : Math.max(0, held.firstDueNs() - nowNs);
    }

    @Override
    public void flush() {
        below.flush();
    }

    @Override
    public void withdraw(Consumer<BdevIo> again) {
        end();
        while (!held.isEmpty()) {
            again.accept(held.take());
        }
    }

    @Override
    public void close() {
        end();
        below.close();
    }

    /** Looks, on its reactor, what it holds on account of faults that are over; any thread. */
    void reviewSoon() {
        reactor.execute(() -> {
            if (!closed) {
                held.release(reactor.nowNs());
            }
        });
    }

    private boolean isDue(long nowNs) {
        return !held.isEmpty() && held.firstDueNs() - nowNs <= 0;
    }

    private void endHeld(int status) {
        for (int n = held.size(); n > 0 && !held.isEmpty(); n--) {
            held.take().complete(status);
        }
    }

    private void end() {
        closed = true;
        poller.close();
        point.forget(this);
    }
}
