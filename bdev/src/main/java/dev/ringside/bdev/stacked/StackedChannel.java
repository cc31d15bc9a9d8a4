package dev.ringside.bdev.stacked;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoOwner;
import dev.ringside.env.reactor.Poller;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.env.reactor.Registration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One reactor's way to a stacked disk: each request becomes one to the base. */
final class StackedChannel implements IoChannel, Poller {
    private final BdevChannel base;
    private final long firstBlock;
    private final Registration poller;
    /** As many as were ever in flight at once, less those that are now. */
    private final ArrayDeque<Passed> free = new ArrayDeque<>();

    StackedChannel(BdevChannel base, Reactor reactor, long firstBlock) {
        this.base = base;
        this.firstBlock = firstBlock;
        this.poller = reactor.register("stacked", this);
    }

    @Override
    public boolean submit(BdevIo io) {
        Passed passed = free.poll();
        if (passed == null) {
            passed = new Passed();
        }
        passed.original = io;
        io.moduleObject = passed;
        passed.io.prepareLike(io, firstBlock);
        int status = base.start(passed.io);
        if (status != LATER) {
            passed.ioDone(passed.io, status);
        }
        return true;
    }

    @Override
    public void abort(BdevIo io) {
        if (io.moduleObject instanceof Passed passed && passed.original == io) {
            passed.io.abort();
        }
    }

    @Override
    public void flush() {
        base.flush();
    }

    /** What the base has no room for, it takes again when it is flushed; nobody above knows of that. */
    @Override
    public int poll(long nowNs) {
        if (base.congested()) {
            base.flush();
            return 1;
        }
        return 0;
    }

    @Override
    public boolean arm() {
        return !base.congested();
    }

    @Override
    public void close() {
        poller.close();
        base.close();
    }

    /** The request to the base that stands for one to this disk. */
    private final class Passed implements IoOwner {
        final BdevIo io = new BdevIo(this);

        @Nullable
        BdevIo original;

        @Override
        public void ioDone(BdevIo done, int status) {
            BdevIo request = original;
            if (request == null) {
                throw new IllegalStateException("a request ended that stands for none");
            }
            original = null;
            free.push(this);
            request.complete(status);
        }
    }
}
