package dev.ringside.testkit.bdev;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;

/** A device that outlives the registries it is in. */
public record LentBdev(Bdev bdev) implements Bdev {
    @Override
    public BdevInfo info() {
        return bdev.info();
    }

    @Override
    public IoChannel openChannel(Reactor reactor) throws IOException {
        return bdev.openChannel(reactor);
    }

    @Override
    public void destroy() {
        // It is the lender's.
    }
}
