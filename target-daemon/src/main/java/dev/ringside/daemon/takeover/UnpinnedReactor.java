package dev.ringside.daemon.takeover;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.ReactorLoop;
import dev.ringside.env.reactor.ThreadEnd;

/** A reactor for a rehearsal: on any processor that is free, so that it takes nothing from those that serve guests. */
final class UnpinnedReactor implements AutoCloseable {
    private final ReactorLoop loop;
    private final Thread thread;
    private volatile boolean stopping;

    UnpinnedReactor() throws LinuxException {
        loop = new ReactorLoop(0, Rehearsal::failed, System.nanoTime());
        thread = Thread.ofPlatform().name("rehearsal").daemon().start(this::run);
    }

    Reactor reactor() {
        return loop;
    }

    private void run() {
        loop.adopt();
        while (!stopping) {
            if (loop.step(System.nanoTime()) == 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public void close() {
        stopping = true;
        ThreadEnd.await(thread);
        loop.close();
    }
}
