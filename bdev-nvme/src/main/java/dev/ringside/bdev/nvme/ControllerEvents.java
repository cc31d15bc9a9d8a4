package dev.ringside.bdev.nvme;

import dev.ringside.bdev.nvme.queue.AdminQueue;
import dev.ringside.bdev.nvme.spec.CommandField;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a controller tells of itself (base 2.0, 5.2). Owned by the controller's thread. */
final class ControllerEvents {
    private static final Logger LOG = LoggerFactory.getLogger(NvmeController.class);

    private final String name;
    private final AdminQueue admin;
    private final ControllerCommands commands;
    private final AtomicLong count = new AtomicLong();

    ControllerEvents(String name, AdminQueue admin, ControllerCommands commands) {
        this.name = name;
        this.admin = admin;
        this.commands = commands;
    }

    /** How many there were; any thread. */
    long count() {
        return count.get();
    }

    /** Follows those that have come; whether there are other namespaces than before. */
    boolean handle() throws NvmeException {
        boolean changed = false;
        boolean any = false;
        for (int event = admin.takeEvent(); event >= 0; event = admin.takeEvent()) {
            any = true;
            count.incrementAndGet();
            changed |= handle(event);
        }
        if (changed) {
            commands.readChangedNamespaces();
        }
        if (any) {
            admin.ask();
        }
        return changed;
    }

    private boolean handle(int event) throws NvmeException {
        int type = event & 7;
        int what = event >>> 8 & 0xff;
        LOG.debug("{}: event of type {}, information 0x{}", name, type, Integer.toHexString(what));
        if (type == CommandField.EVENT_HEALTH) {
            LOG.warn(
                    "{}: critical warnings 0x{}",
                    name,
                    Integer.toHexString(commands.health().criticalWarning()));
        } else if (type == CommandField.EVENT_ERROR) {
            LOG.warn("{}: the controller reports an error of its own, kind {}: {}", name, what, commands.errors(1));
        }
        return type == CommandField.EVENT_NOTICE && what == CommandField.NOTICE_NAMESPACES_CHANGED;
    }
}
