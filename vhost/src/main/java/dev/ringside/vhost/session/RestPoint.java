package dev.ringside.vhost.session;

import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.linux.ReadWait;
import dev.ringside.vhost.wire.Turnstile;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where a session's thread waits for its front end, and where it comes to rest while another process is given all that the
 * session knows. A session at rest has no request in flight and reads nothing; it goes on where it was, or ends and leaves
 * the connection to the other process.
 */
final class RestPoint implements Turnstile, AutoCloseable {
    private final ReadWait wait;
    private final Resident session;
    private @Nullable Rest asked;
    private boolean closed;
    private boolean left;

    /** What a session does to come to rest, on its own thread. */
    interface Resident {
        /** Takes no more requests; done when none is in flight. */
        CompletableFuture<Void> pause();

        /** All that is known; after the pause. */
        SessionState state();

        /** Takes requests again. */
        void goOn();
    }

    private record Rest(CompletableFuture<Optional<SessionState>> state, CompletableFuture<Boolean> leaves) {}

    private RestPoint(ReadWait wait, Resident session) {
        this.wait = wait;
        this.session = session;
    }

    static RestPoint on(Fd connection, Resident session) throws LinuxException {
        return new RestPoint(ReadWait.on(connection), session);
    }

    /** Asks the session to rest; any thread. Done when it does, without a state if it has ended instead. */
    synchronized CompletableFuture<Optional<SessionState>> rest() {
        if (closed) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Rest rest = new Rest(new CompletableFuture<>(), new CompletableFuture<>());
        asked = rest;
        wait.interrupt();
        return rest.state;
    }

    /** Ends the rest, or the wish for one: the session leaves the front end to another process, or goes on. Any thread. */
    synchronized void end(boolean leaves) {
        Rest rest = asked;
        if (rest != null) {
            rest.leaves.complete(leaves);
        }
    }

    /** Whether the front end is another process's now. */
    boolean left() {
        return left;
    }

    @Override
    public boolean await() {
        while (!left && !wait.await()) {
            wait.clear();
            Rest rest = current();
            if (rest != null) {
                left = stay(rest);
            }
        }
        return !left;
    }

    private boolean stay(Rest rest) {
        if (rest.leaves.isDone()) {
            return false;
        }
        CompletableFuture<Void> paused = session.pause();
        CompletableFuture.anyOf(paused, rest.leaves).join();
        if (paused.isDone()) {
            rest.state.complete(Optional.of(session.state()));
        }
        if (rest.leaves.join()) {
            return true;
        }
        session.goOn();
        return false;
    }

    private synchronized @Nullable Rest current() {
        return asked;
    }

    @Override
    public synchronized void close() {
        closed = true;
        wait.close();
        if (asked != null) {
            asked.state.complete(Optional.empty());
        }
    }
}
