package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.NvmeException.Kind;
import dev.ringside.bdev.nvme.queue.Doorbells;
import dev.ringside.bdev.nvme.spec.IdentifyController;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.linux.LinuxException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The doorbells of I/O queues, in memory where a controller offers that (base 2.0, 5.8): emulated ones do, for which each
 * write of a register is dear. Owned by the controller's thread.
 */
final class ShadowDoorbells {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);

    private final ControllerCommands commands;
    private final Doorbells doorbells;
    private final @Nullable DmaBuffer values;
    private final @Nullable DmaBuffer events;

    /**
     * Asks for shadows if there can be some; the controller has no I/O queues.
     *
     * @param queues pairs of I/O queues that there may be
     */
    ShadowDoorbells(ControllerLink link, ControllerCommands commands, IdentifyController identity, int queues)
            throws LinuxException, NvmeException {
        this.commands = commands;
        DmaBuffer shadow = null;
        DmaBuffer asked = null;
        if ((identity.oacs() & IdentifyController.OACS_DOORBELL_BUFFER) != 0
                && link.doorbells().bytes(queues) <= link.pageSize()) {
            DmaOwner owner = new DmaOwner("shadow doorbells");
            shadow = link.pool().allocate(link.pageSize(), owner);
            asked = link.pool().allocate(link.pageSize(), owner);
            if (!accepted(shadow, asked)) {
                link.pool().reclaim(owner);
                shadow = null;
                asked = null;
            }
        }
        this.values = shadow;
        this.events = asked;
        this.doorbells = shadow == null || asked == null
                ? link.doorbells()
                : link.doorbells().shadowed(shadow, asked);
    }

    /** Where the I/O queues' doorbells are. */
    Doorbells doorbells() {
        return doorbells;
    }

    /** Tells the controller again, which has forgotten everything in a reset. */
    void restore() throws NvmeException {
        if (values != null && events != null) {
            commands.shadowDoorbells(values.iova(), events.iova());
        }
    }

    private boolean accepted(DmaBuffer shadow, DmaBuffer asked) throws NvmeException {
        try {
            commands.shadowDoorbells(shadow.iova(), asked.iova());
            return true;
        } catch (NvmeException e) {
            if (e.kind() != Kind.STATUS) {
                throw e;
            }
            LOG.warn("no shadow doorbells: {}", e.getMessage());
            return false;
        }
    }
}
