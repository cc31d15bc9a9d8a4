package dev.ringside.bdev.qos;

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

/**
 * One reactor's way to a device with limits. Requests wait in order, and only the first of them has paid: so channels that
 * share a budget take turns, however many requests each has, and a changed limit holds for all that wait but the first.
 */
final class QosChannel implements Layer, Poller {
    /** Most requests that are passed on in one turn, so that others have theirs. */
    private static final int BUDGET = 64;

    private final QosBudget[] budgets;
    private final IoChannel below;
    private final Reactor reactor;
    private final Registration poller;
    /** Those that wait; when they came is in their moduleLong. */
    private final ArrayDeque<BdevIo> waiting = new ArrayDeque<>();
    /** Those whose turn it was, but that the device had no room for. */
    private final ArrayDeque<BdevIo> refused = new ArrayDeque<>();
    /** The turn of the first that waits. */
    private long dueNs;

    private boolean gone;

    QosChannel(QosBudget[] budgets, IoChannel below, Reactor reactor) {
        this.budgets = budgets;
        this.below = below;
        this.reactor = reactor;
        this.poller = reactor.register("qos", this);
    }

    @Override
    public boolean submit(BdevIo io) {
        if (!io.type().movesData()) {
            if (io.type() == IoType.RESET) {
                endHeld(IoStatus.ABORTED);
            }
            return below.submit(io);
        }
        if (gone) {
            io.complete(IoStatus.NO_DEVICE);
            return true;
        }
        long nowNs = reactor.nowNs();
        io.moduleLong = nowNs;
        if (waiting.isEmpty()) {
            dueNs = pay(io, nowNs);
            if (dueNs - nowNs <= 0 && refused.isEmpty()) {
                if (!below.submit(io)) {
                    refused.add(io);
                }
                return true;
            }
        }
        waiting.add(io);
        return true;
    }

    @Override
    public void abort(BdevIo io) {
        // If it was the first, the next one has its turn.
        if (waiting.remove(io) || refused.remove(io)) {
            io.complete(IoStatus.ABORTED);
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
        while (passed < BUDGET && (!refused.isEmpty() || isDue(nowNs))) {
            BdevIo io = refused.poll();
            if (io == null) {
                io = next(nowNs);
            }
            if (!io.submitHeld(below)) {
                refused.addFirst(io);
                break;
            }
            passed++;
        }
        if (passed > 0) {
            below.flush();
        }
        return passed;
    }

    /** Takes the first that waits; the next pays before anything else can come between. */
    private BdevIo next(long nowNs) {
        BdevIo io = waiting.remove();
        BdevIo following = waiting.peek();
        if (following != null) {
            dueNs = pay(following, nowNs);
        }
        waited(io, nowNs);
        return io;
    }

    private static void waited(BdevIo io, long nowNs) {
        io.qosWaitNs += nowNs - io.moduleLong;
    }

    @Override
    public boolean arm() {
        return refused.isEmpty() && !isDue(reactor.nowNs());
    }

    @Override
    public long longestSleepNs(long nowNs) {
        return waiting.isEmpty() ? Long.MAX_VALUE : Math.max(0, dueNs - nowNs);
    }

    @Override
    public void flush() {
        below.flush();
    }

    @Override
    public void withdraw(Consumer<BdevIo> again) {
        poller.close();
        refused.forEach(again);
        refused.clear();
        while (!waiting.isEmpty()) {
            BdevIo io = waiting.remove();
            waited(io, reactor.nowNs());
            again.accept(io);
        }
    }

    @Override
    public void close() {
        poller.close();
        below.close();
    }

    private boolean isDue(long nowNs) {
        return !waiting.isEmpty() && dueNs - nowNs <= 0;
    }

    private long pay(BdevIo io, long nowNs) {
        long turnNs = nowNs;
        for (QosBudget budget : budgets) {
            long due = budget.pay(io, nowNs);
            turnNs = due - turnNs > 0 ? due : turnNs;
        }
        return turnNs;
    }

    private void endHeld(int status) {
        // Only those that are there now: an owner that is told of an end may submit more.
        for (int n = refused.size() + waiting.size(); n > 0; n--) {
            BdevIo io = refused.isEmpty() ? waiting.poll() : refused.poll();
            if (io != null) {
                io.complete(status);
            }
        }
    }
}
