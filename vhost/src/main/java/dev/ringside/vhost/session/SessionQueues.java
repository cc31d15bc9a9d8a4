package dev.ringside.vhost.session;

import dev.ringside.bdev.latency.Spans;
import dev.ringside.env.reactor.Reactor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/** What can be asked about the queues of a session. Any thread but a reactor's. */
public final class SessionQueues {
    private final List<Ring> rings;
    private final IntFunction<Reactor> reactors;

    SessionQueues(List<Ring> rings, IntFunction<Reactor> reactors) {
        this.rings = rings;
        this.reactors = reactors;
    }

    /**
     * Where the time of a queue's requests has gone.
     *
     * @param index of the queue
     * @param reactor that serves it
     */
    public record Times(int index, String reactor, Spans spans) {}

    /** How many run. */
    public int running() {
        return (int) rings.stream().filter(Ring::isRunning).count();
    }

    /** Requests that were taken from all of them and have not ended. */
    public int inFlight() {
        List<CompletableFuture<Optional<Integer>>> each =
                rings.stream().map(ring -> ring.ask(QueueWorker::inFlight)).toList();
        return each.stream().mapToInt(one -> one.join().orElse(0)).sum();
    }

    /** Has each look whether the disk behind it is timed; done when all have. */
    public CompletableFuture<Void> followTimes() {
        return CompletableFuture.allOf(
                rings.stream().map(ring -> ring.ask(QueueWorker::followTimes)).toArray(CompletableFuture[]::new));
    }

    /** The times of those that run, and are timed. */
    public List<Times> times() {
        List<Times> found = new ArrayList<>();
        for (int i = 0; i < rings.size(); i++) {
            Spans sum = new Spans();
            if (rings.get(i).isRunning()
                    && rings.get(i).ask(worker -> worker.addTimes(sum)).join().orElse(false)) {
                found.add(new Times(i, reactors.apply(i).name(), sum));
            }
        }
        return found;
    }
}
