package dev.ringside.daemon.target;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where everybody who wants the daemon to end says so; the first one counts. Any thread. */
public final class StopSignal {
    private final CompletableFuture<Optional<String>> asked = new CompletableFuture<>();

    /** Makes one that nobody has given. */
    public StopSignal() {}

    /** Asks for a clean stop. */
    public void request() {
        asked.complete(Optional.empty());
    }

    /** Asks for a stop because something failed; the reason is one line for the operator. */
    public void fail(String reason) {
        asked.complete(Optional.of(reason));
    }

    /** Whether anybody has asked. */
    public boolean isAsked() {
        return asked.isDone();
    }

    /** Waits until somebody asks; the reason, if something failed. */
    public Optional<String> await() {
        return asked.join();
    }
}
