package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.queue.IoQueuePair;
import dev.ringside.bdev.nvme.queue.QueueEvents;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.reactor.ControlThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries what pairs of queues ask for to the controller's thread. */
final class QueueWork implements QueueEvents {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);
    /** Buffers of a size that are made at once, if they are small. */
    private static final int BUFFERS = 8;
    /** A pair of queues may have so much memory. */
    private static final long MOST_BYTES = 64 << 20;

    private final NvmeController controller;
    private final ControlThread thread;

    QueueWork(NvmeController controller, ControlThread thread) {
        this.controller = controller;
        this.thread = thread;
    }

    @Override
    public void abort(IoQueuePair queues, int commandId) {
        thread.execute(() -> {
            if (enabled() && !queues.isClosed()) {
                LOG.warn(
                        "{}: command {} of queues {} takes too long and is aborted",
                        controller.name(),
                        commandId,
                        queues.id());
                controller.commands().abort(queues.id(), commandId);
            }
        });
    }

    @Override
    public void stuck(IoQueuePair queues) {
        long resets = controller.resets();
        thread.execute(() -> {
            // A reset that has come since has ended all that was stuck.
            if (enabled() && !queues.isClosed() && controller.resets() == resets) {
                controller.recover("a command of queues " + queues.id() + " could not be aborted");
            }
        });
    }

    @Override
    public void starved(IoQueuePair queues, int bytes) {
        thread.execute(() -> {
            if (!queues.isClosed() && queues.pool().bytes() < MOST_BYTES) {
                try {
                    queues.feed(bytes, BUFFERS);
                } catch (LinuxException e) {
                    LOG.warn("{}: no more memory for copies: {}", controller.name(), e.getMessage());
                }
            }
            queues.reactor().execute(queues::fed);
        });
    }

    @Override
    public void unused(IoQueuePair queues) {
        controller.queues().closed(queues);
        thread.execute(() -> {
            try {
                if (enabled()) {
                    controller.commands().deleteQueues(queues.id());
                }
            } catch (NvmeException e) {
                if (e.kind() != NvmeException.Kind.STATUS) {
                    // A reset makes the controller forget them, too.
                    controller.trouble(e);
                }
            }
            controller.queues().free(queues);
        });
    }

    private boolean enabled() {
        return controller.state() == ControllerState.ENABLED;
    }
}
