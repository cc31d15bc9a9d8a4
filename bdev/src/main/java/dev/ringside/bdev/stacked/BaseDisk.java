package dev.ringside.bdev.stacked;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevEvent;
import dev.ringside.bdev.BdevException;
import dev.ringside.bdev.BdevHandle;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.BdevRegistry;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A disk that others are made of: claimed, so that nobody else writes to it, and let go of with the last of them. What
 * happens to it happens to them. Any thread.
 */
final class BaseDisk {
    private static final Logger LOG = LoggerFactory.getLogger(BaseDisk.class);

    private final BdevRegistry registry;
    private final BdevHandle handle;
    private final List<StackedBdev> above = new CopyOnWriteArrayList<>();

    /**
     * Opens a disk, for writing unless it is read-only, and claims it.
     *
     * @param user what claims it, for operators
     * @throws BdevException ENODEV if there is none of that name, EBUSY if somebody else writes to it
     */
    BaseDisk(BdevRegistry registry, String name, String user) throws BdevException {
        this.registry = registry;
        boolean readOnly = registry.find(name).info().readOnly();
        this.handle = registry.openBase(name, !readOnly, this::happened);
        try {
            handle.claim(user);
        } catch (BdevException e) {
            handle.close();
            throw e;
        }
    }

    BdevInfo info() {
        return handle.info();
    }

    BdevChannel openChannel(Reactor reactor) throws IOException {
        return handle.openChannel(reactor);
    }

    void carry(StackedBdev bdev) {
        above.add(bdev);
    }

    /** The disk above is destroyed, or was never made known. */
    void drop(StackedBdev bdev) {
        if (above.remove(bdev) && above.isEmpty()) {
            handle.close();
        }
    }

    private void happened(BdevEvent event) {
        for (StackedBdev bdev : above) {
            String name = bdev.info().name();
            try {
                switch (event) {
                    case BdevEvent.Resized resized -> {
                        if (bdev.follow(resized.info())) {
                            registry.resized(bdev);
                        }
                    }
                    case BdevEvent.Removed removed -> {
                        // Nobody waits here: whoever removed the base does, until this disk has let go of it.
                        CompletableFuture<Void> _ = registry.unregister(name);
                    }
                }
            } catch (BdevException e) {
                LOG.debug(
                        "{} is not among the disks, so nobody is told that its base changed: {}", name, e.getMessage());
            }
        }
    }
}
