package dev.ringside.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import dev.ringside.testkit.queue.GuestRam;
import java.io.IOException;
import java.util.Random;

/** A guest that behaves, next to one that does not. */
public final class Neighbour implements AutoCloseable {
    private static final int BYTES = 16_384;

    private final GuestRam ram;
    private final Random random = new Random(42);
    private final BlkFrontend blk;

    /** Connects to a controller of its own. */
    public Neighbour(TargetRig rig, String controller) throws IOException {
        ram = GuestRam.ofMiB(4);
        blk = rig.start(controller, ram, BlkOptions.of(1, 64).withCalls());
    }

    /** Writes, reads back and compares, each with a call of its own. */
    public void verify() {
        byte[] data = new byte[BYTES];
        random.nextBytes(data);
        long sector = random.nextInt((int) blk.sectors() - BYTES / 512);
        assertThat(blk.queue(0).write(sector, data).status()).isZero();
        assertThat(blk.queue(0).read(sector, BYTES).data()).isEqualTo(data);
    }

    @Override
    public void close() {
        blk.close();
        ram.close();
    }
}
