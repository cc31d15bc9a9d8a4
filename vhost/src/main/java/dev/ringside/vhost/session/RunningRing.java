package dev.ringside.vhost.session;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A ring that a reactor serves, from its start to its release: what the session's thread wants done to it is done on that
 * reactor, to which worker, poller and watch belong. The session's thread's, unless said otherwise.
 */
final class RunningRing {
    private final Reactor reactor;
    private final RingFormat format;
    private final QueueWorker worker;
    private final Registration poller;
    /** Of the kick's descriptor; null: there is none, and requests are polled for. */
    private @Nullable Registration watch;
    /** Whether the worker has stopped for good: it takes nothing, nothing is in flight, and {@link #release} is to come. */
    private volatile boolean stopped;
    /** Whether a successor goes on with requests that were left in the in-flight region. */
    private boolean suspended;

    /** Makes one of a worker that its reactor polls; on the reactor. */
    RunningRing(
            Reactor reactor, RingFormat format, QueueWorker worker, Registration poller, @Nullable Registration watch) {
        this.reactor = reactor;
        this.format = format;
        this.worker = worker;
        this.poller = poller;
        this.watch = watch;
    }

    /** The format that it keeps, whatever features are negotiated meanwhile. */
    RingFormat format() {
        return format;
    }

    /** Whether it has stopped for good; any thread. */
    boolean isStopped() {
        return stopped;
    }

    /** Has the worker do something, and returns when it has. The ring breaks if that finds its memory gone. */
    void tell(Consumer<QueueWorker> work) {
        onReactor(() -> work.accept(worker));
    }

    /** Asks the worker something, on its reactor; any thread. */
    <T> CompletableFuture<T> ask(Function<QueueWorker, T> question) {
        return reactor.call(() -> question.apply(worker));
    }

    /** Is told of new requests by another descriptor, or polls for them; on the reactor. */
    void useKick(@Nullable EventFd kick) throws LinuxException {
        Registration next = watch(reactor, kick);
        unwatch();
        worker.useKicks(next != null);
        watch = next;
    }

    /** Takes no more requests until the worker resumes. Done when none is in flight, with the ring's base. */
    CompletableFuture<Integer> pause() {
        return end(QueueWorker::pause);
    }

    /** Stops for good, in a way of the worker's; {@link #release} is to follow. Returns the ring's base. */
    int stop(BiConsumer<QueueWorker, CompletableFuture<Integer>> how) {
        int base = end(how).join();
        suspended = ask(QueueWorker::leavesRequests).join();
        stopped = true;
        return base;
    }

    /** Says whether a successor begins the ring anew; nothing if this has not stopped, or has left requests in the region. */
    void letBeginAnew(boolean anew) {
        if (stopped && !suspended) {
            tell(worker -> worker.letBeginAnew(anew));
        }
    }

    /** Frees all of it; nothing is in flight. */
    void release() {
        onReactor(() -> {
            try {
                poller.close();
                unwatch();
            } finally {
                worker.close();
            }
        });
    }

    /** Watches a kick's descriptor, if there is one; on the reactor. */
    static @Nullable Registration watch(Reactor reactor, @Nullable EventFd fd) throws LinuxException {
        return fd == null ? null : reactor.watch(fd.number());
    }

    private void unwatch() {
        if (watch != null) {
            watch.close();
        }
    }

    private CompletableFuture<Integer> end(BiConsumer<QueueWorker, CompletableFuture<Integer>> how) {
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        reactor.execute(() -> how.accept(worker, ended));
        return ended;
    }

    private void onReactor(Runnable work) {
        try {
            reactor.call(Executors.callable(work)).join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof InternalError)) {
                throw e;
            }
            reactor.execute(() -> worker.fail(QueueError.MEMORY_GONE));
        }
    }
}
