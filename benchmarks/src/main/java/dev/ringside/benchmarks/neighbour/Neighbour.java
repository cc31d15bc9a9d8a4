package dev.ringside.benchmarks.neighbour;

import dev.ringside.testkit.frontend.BlkDriverQueue;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkLayout;
import dev.ringside.vhost.queue.RingFormat;
import java.io.IOException;
import java.nio.file.Path;

/** A front end that shares a reactor with somebody else's: what it costs that one is to be measured. One thread. */
public final class Neighbour implements AutoCloseable {
    private static final int RING = 32_768;
    private static final int REQUESTS = 64;
    private static final int BLOCK = 4096;

    private final RingFormat format;
    private final GuestRam ram = GuestRam.ofMiB(128);
    private final BlkFrontend blk;
    private Conduct last = Conduct.INNOCENT;
    private ManyDescriptors chains;

    /** Connects to a controller, whose disk has 256 KiB or more. */
    public Neighbour(Path socket, RingFormat format) throws IOException {
        this.format = format;
        BlkOptions options = BlkOptions.of(1, RING)
                .with(format)
                .withCalls()
                .withSlots(REQUESTS, BLOCK)
                .withScratch(BLOCK);
        blk = BlkFrontend.connect(socket, ram, options);
        chains = chains();
    }

    /** Does one round, to its end. */
    public void round(Conduct conduct) throws IOException {
        if (conduct != last) {
            restart();
            last = conduct;
        }
        switch (conduct) {
            case INNOCENT -> read();
            case CHAINS -> chains.round(blk.queue(0).kickFd());
            case BREAKS -> {
                chains.endless();
                for (int i = 0; i < REQUESTS; i++) {
                    blk.queue(0).kickFd().signal();
                }
                restart();
            }
            case MESSAGES -> {
                for (int i = 0; i < REQUESTS; i++) {
                    blk.messages().setVringEnable(0, true);
                }
            }
            case RESTARTS -> restart();
        }
    }

    private void read() {
        BlkDriverQueue queue = blk.queue(0);
        for (int slot = 0; slot < REQUESTS; slot++) {
            queue.submit(slot, BlkLayout.T_IN, (long) slot * BLOCK / BlkLayout.SECTOR, BLOCK);
        }
        queue.kick();
        for (int done = 0; done < REQUESTS; done++) {
            int slot = queue.reap();
            while (slot < 0) {
                queue.await();
                slot = queue.reap();
            }
        }
    }

    private void restart() throws IOException {
        blk.stop();
        blk.start();
        chains = chains();
    }

    private ManyDescriptors chains() {
        BlkDriverQueue queue = blk.queue(0);
        return switch (format) {
            case SPLIT -> new ManyDescriptors.Split(ram, queue.driver().ring(), REQUESTS);
            case PACKED -> new ManyDescriptors.Packed(ram, queue.packed().ring(), REQUESTS);
        };
    }

    @Override
    public void close() {
        blk.close();
        ram.close();
    }
}
