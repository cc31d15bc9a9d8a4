package dev.ringside.vhost.session;

import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import dev.ringside.vhost.queue.QueueError;
import dev.ringside.vhost.queue.RingFormat;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A ring that a reactor serves. Everything but the format and the worker's identity belongs to that reactor.
 *
 * @param poller polls the worker
 * @param watch of the kick's descriptor; null: there is none, and requests are polled for
 */
record RunningRing(
        RingFormat format,
        QueueWorker worker,
        Registration poller,
        @Nullable Registration watch) {

    /** The same with another descriptor that tells of new requests. */
    RunningRing watching(@Nullable Registration other) {
        unwatch();
        worker.useKicks(other != null);
        return new RunningRing(format, worker, poller, other);
    }

    /** Frees all of it; nothing is in flight. */
    void release() {
        try {
            poller.close();
            unwatch();
        } finally {
            worker.close();
        }
    }

    /** Watches a kick's descriptor, if there is one. */
    static @Nullable Registration watch(Reactor reactor, @Nullable EventFd fd) throws LinuxException {
        return fd == null ? null : reactor.watch(fd.number());
    }

    private void unwatch() {
        if (watch != null) {
            watch.close();
        }
    }

    /** Does work on the reactor of a ring, which breaks if the work finds its memory gone. */
    static void await(Reactor reactor, Runnable work, @Nullable RunningRing ring) {
        try {
            reactor.call(Executors.callable(work)).join();
        } catch (CompletionException e) {
            if (ring == null || !(e.getCause() instanceof InternalError)) {
                throw e;
            }
            reactor.execute(() -> ring.worker().fail(QueueError.MEMORY_GONE));
        }
    }
}
