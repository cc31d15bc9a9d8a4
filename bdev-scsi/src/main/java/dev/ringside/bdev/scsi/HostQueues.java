package dev.ringside.bdev.scsi;

import dev.ringside.bdev.scsi.queue.HostQueue;
import dev.ringside.bdev.scsi.queue.QueueEvents;
import dev.ringside.bdev.scsi.queue.QueueHub;
import dev.ringside.bdev.scsi.queue.QueueSettings;
import dev.ringside.bdev.scsi.queue.QueueStats;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** The queues of a host: one for each reactor that uses it. Any thread, unless a method says otherwise. */
final class HostQueues {
    private static final long LOOK_MS = 20;

    private final List<QueueHub> hubs;
    private final QueueSettings settings;
    private final DmaSpace dma;
    private final QueueEvents events;
    private final Map<Reactor, HostQueue> byReactor = new HashMap<>();
    private final List<HostQueue> all = new ArrayList<>();
    private QueueStats gone = QueueStats.NONE;
    private int others;

    HostQueues(List<QueueHub> hubs, QueueSettings settings, DmaSpace dma, QueueEvents events) {
        this.hubs = hubs;
        this.settings = settings;
        this.dma = dma;
        this.events = events;
    }

    /** The queue of a reactor, with the adapter's queue that has the fewest others; on the reactor. */
    synchronized HostQueue of(Reactor reactor) throws LinuxException {
        HostQueue known = byReactor.get(reactor);
        if (known != null) {
            return known;
        }
        HostQueue made = new HostQueue(reactor, leastUsed(), settings, dma, events);
        all.add(made);
        byReactor.put(reactor, made);
        return made;
    }

    /** One of the adapter's queues, each in turn, for somebody who uses it beside reactors. */
    synchronized QueueHub another() {
        return hubs.get(others++ % hubs.size());
    }

    /** The reactor does not use its queue any more. On the reactor. */
    synchronized void closed(HostQueue queue) {
        byReactor.remove(queue.reactor(), queue);
    }

    /** Frees a queue that is closed. */
    synchronized void free(HostQueue queue) {
        if (all.remove(queue)) {
            gone = gone.plus(queue.stats());
            queue.pool().close();
        }
    }

    /** Frees everything; the adapter reaches no memory any more. */
    synchronized void freeAll() {
        List.copyOf(all).forEach(this::free);
    }

    /** Those that are not closed. */
    synchronized List<HostQueue> open() {
        return all.stream().filter(queue -> !queue.isClosed()).toList();
    }

    synchronized QueueStats stats() {
        return all.stream().map(HostQueue::stats).reduce(gone, QueueStats::plus);
    }

    /** Has each queue look for what it may post now. */
    void wake() {
        for (HostQueue queue : open()) {
            queue.reactor().execute(() -> queue.poll(queue.reactor().nowNs()));
        }
    }

    /** Does something to each queue that is not closed, on its reactor, and waits for it; not on a reactor. */
    void onEach(Consumer<HostQueue> action) {
        int unused = sum(queue -> {
            action.accept(queue);
            return 0;
        });
        assert unused == 0;
    }

    /** Asks each queue that is not closed something, on its reactor, and adds the answers up; not on a reactor. */
    int sum(ToIntFunction<HostQueue> question) {
        List<HostQueue> open = open();
        List<CompletableFuture<Integer>> answers = open.stream()
                .map(queue -> queue.reactor().call(() -> question.applyAsInt(queue)))
                .toList();
        int sum = 0;
        for (int i = 0; i < open.size(); i++) {
            sum += await(open.get(i), answers.get(i));
        }
        return sum;
    }

    /** Asks one queue something, on its reactor; 0 if it is closed; not on a reactor. */
    static int ask(HostQueue queue, ToIntFunction<HostQueue> question) {
        return queue.isClosed() ? 0 : await(queue, queue.reactor().call(() -> question.applyAsInt(queue)));
    }

    private QueueHub leastUsed() {
        QueueHub best = hubs.getFirst();
        long fewest = Long.MAX_VALUE;
        for (QueueHub hub : hubs) {
            long users = byReactor.values().stream()
                    .filter(queue -> queue.hub() == hub)
                    .count();
            if (users < fewest) {
                fewest = users;
                best = hub;
            }
        }
        return best;
    }

    /** A reactor that ends has closed its queue before, and does not do what is asked of it. */
    private static int await(HostQueue queue, CompletableFuture<Integer> answer) {
        while (!queue.isClosed()) {
            @Nullable Integer got = look(answer);
            if (got != null) {
                return got;
            }
        }
        return answer.getNow(0);
    }

    private static @Nullable Integer look(CompletableFuture<Integer> answer) {
        try {
            return answer.get(LOOK_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a queue", e.getCause());
        } catch (InterruptedException e) {
            // Nobody interrupts a control thread.
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
