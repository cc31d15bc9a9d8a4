package dev.ringside.bdev.nvme;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;

/** A namespace as a block device. It lives as long as its controller is attached. */
public final class NvmeBdev implements Bdev {
    private final NvmeController controller;
    private final int nsid;
    private volatile BdevInfo info;

    NvmeBdev(NvmeController controller, int nsid, BdevInfo info) {
        this.controller = controller;
        this.nsid = nsid;
        this.info = info;
    }

    /** The controller that it belongs to. */
    public NvmeController controller() {
        return controller;
    }

    /** Its number in the controller, from 1. */
    public int nsid() {
        return nsid;
    }

    @Override
    public BdevInfo info() {
        return info;
    }

    /** Takes a new capacity on. */
    void resize(long numBlocks) {
        info = info.withNumBlocks(numBlocks);
    }

    @Override
    public IoChannel openChannel(Reactor reactor) throws IOException {
        return controller.openChannel(nsid, reactor);
    }

    @Override
    public void destroy() {
        // The namespace stays; what is freed is freed with the controller.
    }
}
