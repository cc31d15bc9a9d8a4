package dev.ringside.bdev;

import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;

/** A reactor in which a fault of shared memory is reported where the time is read. */
final class FaultyClock implements Reactor {
    final InternalError fault = new InternalError("a fault occurred in an unsafe memory access operation");

    boolean faulty;
    private final Reactor reactor;

    FaultyClock(Reactor reactor) {
        this.reactor = reactor;
    }

    @Override
    public int core() {
        return reactor.core();
    }

    @Override
    public String name() {
        return reactor.name();
    }

    @Override
    public boolean inReactor() {
        return reactor.inReactor();
    }

    @Override
    public long nowNs() {
        if (faulty) {
            throw fault;
        }
        return reactor.nowNs();
    }

    @Override
    public Registration register(String name, Poller poller) {
        return reactor.register(name, poller);
    }

    @Override
    public Registration registerTimed(String name, Poller poller, long periodNs) {
        return reactor.registerTimed(name, poller, periodNs);
    }

    @Override
    public Registration watch(int fd) throws LinuxException {
        return reactor.watch(fd);
    }

    @Override
    public void execute(Runnable control) {
        reactor.execute(control);
    }
}
