package dev.ringside.bdev.nvme;

import dev.ringside.bdev.Bdev;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.nvme.queue.BareQueuePair;
import dev.ringside.env.reactor.Reactor;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

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

    /**
     * Makes a pair of queues past the block layer, for commands that are built beforehand. Not on a reactor.
     *
     * @param commands how many can be built
     * @throws IOException if the controller has no more queues, there is no memory, or the controller is out of order
     */
    public BareQueuePair openBare(int commands) throws IOException {
        return await(() -> {
            BareQueuePair queues = controller.queues().openBare(commands);
            // If this fails, the controller may know the pair or not: the memory stays as long as the controller.
            controller.commands().createQueues(queues);
            return queues;
        });
    }

    /**
     * Makes the controller forget a pair of queues, with whatever is in them, and gives its memory back. Not on a reactor.
     *
     * @throws IOException if the controller is out of order; the memory is given back with the controller then
     */
    public void closeBare(BareQueuePair queues) throws IOException {
        await(() -> {
            controller.commands().deleteQueues(queues.id());
            controller.queues().free(queues);
            return true;
        });
    }

    @Override
    public void destroy() {
        // The namespace stays; what is freed is freed with the controller.
    }

    private <T> T await(Callable<T> work) throws IOException {
        try {
            return controller.call(work).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException told ? told : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
