package dev.ringside.benchmarks.load;

import dev.ringside.benchmarks.ring.ChainShape;
import dev.ringside.benchmarks.ring.SlotRing;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.VhostUserFrontend;
import dev.ringside.testkit.queue.GuestRam;
import dev.ringside.vhost.blk.BlkLayout;
import java.io.IOException;
import java.nio.file.Path;

/** The disk of a vhost-user-blk back end. */
final class BlkDisk extends VhostDisk {
    private static final int CONFIG_BLOCK_SIZE = 20;

    private final BlkFrontend frontend;

    private BlkDisk(BlkFrontend frontend, GuestRam ram, Wishes wishes) {
        super(ram, wishes);
        this.frontend = frontend;
    }

    static BlkDisk connect(Path socket, GuestRam ram, int queues, Wishes wishes) throws IOException {
        BlkFrontend frontend = new BlkFrontend(VhostUserFrontend.connect(socket), ram, wishes.options(queues));
        try {
            frontend.negotiate();
            return new BlkDisk(frontend, ram, wishes);
        } catch (IOException | RuntimeException e) {
            frontend.close();
            throw e;
        }
    }

    @Override
    DiskAddress address() {
        return new DiskAddress.Blk();
    }

    @Override
    public long bytes() {
        return frontend.sectors() * BlkLayout.SECTOR;
    }

    @Override
    public int blockSize() {
        return has(BlkLayout.BLK_SIZE) ? frontend.config().getInt(CONFIG_BLOCK_SIZE) : BlkLayout.SECTOR;
    }

    @Override
    public boolean readOnly() {
        return has(BlkLayout.RO);
    }

    @Override
    public boolean discards() {
        return has(BlkLayout.DISCARD);
    }

    @Override
    long features() {
        return frontend.features();
    }

    @Override
    long protocolFeatures() {
        return frontend.protocolFeatures();
    }

    @Override
    VhostUserFrontend messages() {
        return frontend.messages();
    }

    @Override
    int firstQueue() {
        return 0;
    }

    @Override
    ChainShape shape() {
        return ChainShape.BLK;
    }

    @Override
    VirtioRequests requests(SlotRing ring, Workload workload, int part) {
        return new BlkRequests(ram(), ring, workload);
    }

    @Override
    void disconnect() {
        frontend.close();
    }
}
