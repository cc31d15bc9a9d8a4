package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.queue.BareQueuePair;
import dev.ringside.bdev.nvme.queue.IoQueuePair;
import dev.ringside.bdev.nvme.queue.QueueEvents;
import dev.ringside.bdev.nvme.queue.QueueSettings;
import dev.ringside.bdev.nvme.queue.QueueStats;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The pairs of I/O queues of a controller: at most one for each reactor. Any thread, unless a method says otherwise. */
final class QueueRegistry implements AutoCloseable {
    private static final long LOOK_MS = 20;

    private final ControllerLink link;
    private final QueueEvents events;
    private final QueueSettings settings;
    private final int max;
    /** By the number of the pair; empty without interrupts. */
    private final List<EventFd> interrupts;

    private final Map<Reactor, IoQueuePair> byReactor = new HashMap<>();
    private final List<IoQueuePair> all = new ArrayList<>();
    private final List<BareQueuePair> bare = new ArrayList<>();
    private final BitSet used = new BitSet();
    private QueueStats gone = QueueStats.NONE;

    /**
     * Makes an empty one.
     *
     * @param max how many there may be
     */
    QueueRegistry(ControllerLink link, QueueEvents events, QueueSettings settings, int max, List<EventFd> interrupts) {
        this.link = link;
        this.events = events;
        this.settings = settings;
        this.max = max;
        this.interrupts = interrupts;
        used.set(0);
    }

    int max() {
        return max;
    }

    /** The pair of a reactor if it has one; on the reactor. */
    synchronized @Nullable IoQueuePair find(Reactor reactor) {
        return byReactor.get(reactor);
    }

    /** Makes a pair that the controller does not know yet; on the reactor, which has none. */
    synchronized IoQueuePair open(Reactor reactor) throws LinuxException {
        int id = freeId();
        EventFd interrupt = id < interrupts.size() ? interrupts.get(id) : null;
        IoQueuePair queues =
                new IoQueuePair(id, reactor, settings, link.function().dma(), interrupt, events);
        used.set(id);
        all.add(queues);
        byReactor.put(reactor, queues);
        return queues;
    }

    /** Makes a pair for commands that are built beforehand, which the controller does not know yet. */
    synchronized BareQueuePair openBare(int commands) throws LinuxException {
        int id = freeId();
        BareQueuePair queues = new BareQueuePair(id, settings, link.function().dma(), commands);
        used.set(id);
        bare.add(queues);
        return queues;
    }

    /** The controller has forgotten such a pair. */
    synchronized void free(BareQueuePair queues) {
        if (bare.remove(queues)) {
            used.clear(queues.id());
            queues.free();
        }
    }

    private int freeId() throws LinuxException {
        int id = used.nextClearBit(1);
        if (id > max) {
            throw new LinuxException(
                    "open",
                    link.function().address().toString(),
                    Errno.EMFILE,
                    "the controller has " + max + " pairs of I/O queues, one for each reactor, and all are in use");
        }
        return id;
    }

    /** The reactor does not use its pair any more; the controller may, until {@link #free}. On the reactor. */
    synchronized void closed(IoQueuePair queues) {
        byReactor.remove(queues.reactor(), queues);
    }

    /** The controller has forgotten a pair that is closed. */
    synchronized void free(IoQueuePair queues) {
        if (all.remove(queues)) {
            gone = gone.plus(queues.stats());
            used.clear(queues.id());
            queues.pool().close();
        }
    }

    /** Those that are not closed. */
    synchronized List<IoQueuePair> open() {
        return all.stream().filter(queues -> !queues.isClosed()).toList();
    }

    synchronized QueueStats stats() {
        return all.stream().map(IoQueuePair::stats).reduce(gone, QueueStats::plus);
    }

    /** Does something to each pair that is not closed, on its reactor, and waits for it; not on a reactor. */
    void onEach(Consumer<IoQueuePair> action) {
        List<IoQueuePair> open = open();
        List<CompletableFuture<Boolean>> done = open.stream()
                .map(queues -> queues.reactor().call(() -> {
                    action.accept(queues);
                    return true;
                }))
                .toList();
        for (int i = 0; i < open.size(); i++) {
            await(open.get(i), done.get(i));
        }
    }

    /** Frees everything; the controller reaches no memory any more. */
    @Override
    public synchronized void close() {
        List.copyOf(all).forEach(this::free);
        List.copyOf(bare).forEach(this::free);
        interrupts.forEach(EventFd::close);
    }

    /** A reactor that ends has closed its queues before, and does not do what is asked of it. */
    private static void await(IoQueuePair queues, CompletableFuture<Boolean> done) {
        while (!queues.isClosed()) {
            try {
                done.get(LOOK_MS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                // Looks again whether it was closed.
            } catch (ExecutionException e) {
                throw new IllegalStateException("queues " + queues.id(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
