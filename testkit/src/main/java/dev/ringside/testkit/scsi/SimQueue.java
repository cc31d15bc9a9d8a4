package dev.ringside.testkit.scsi;

import dev.ringside.bdev.scsi.host.HostCapabilities;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.bdev.scsi.host.ScsiTask;
import dev.ringside.env.dma.DmaSpace;
import dev.ringside.env.dma.DmaTranslation;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A queue of a simulated host: the caller's side of it. */
final class SimQueue implements ScsiHostQueue {
    private static final int RING = 4096;

    /** What was committed. */
    final CommandRing<SimCommand> submitted = new CommandRing<>(RING);
    /** What has ended. */
    final CommandRing<SimCommand> ended = new CommandRing<>(RING);

    private final SimHost host;
    private final HostCapabilities capabilities;
    private final DmaSpace dma;
    private final SimCommand[] byTag;
    private final SimCommand[] uncommitted;
    private int uncommittedCount;
    private int used;
    /** Who is inside a method: nobody else may be. */
    private final AtomicReference<@Nullable Thread> inside = new AtomicReference<>();

    private @Nullable ScsiTask task;
    private volatile boolean taskEnded;
    private volatile boolean taskPerformed;

    SimQueue(SimHost host, HostCapabilities capabilities, DmaSpace dma) {
        this.host = host;
        this.capabilities = capabilities;
        this.dma = dma;
        this.byTag = new SimCommand[capabilities.queueDepth()];
        for (int i = 0; i < byTag.length; i++) {
            byTag[i] = new SimCommand(this);
        }
        this.uncommitted = new SimCommand[byTag.length];
    }

    @Override
    public int queueCommand(ScsiCommand command) {
        boolean nested = enter();
        try {
            check(command);
            if (used == byTag.length) {
                return BUSY;
            }
            if (!reaches(command)) {
                return UNREACHABLE;
            }
            SimCommand mine = byTag[command.tag()];
            if (mine.command != null) {
                host.violation("tag " + command.tag() + " is used twice");
            }
            mine.begin(command);
            used++;
            uncommitted[uncommittedCount++] = mine;
            return QUEUED;
        } finally {
            leave(nested);
        }
    }

    @Override
    public int queueTask(ScsiTask asked) {
        boolean nested = enter();
        try {
            if (task != null) {
                host.violation("two tasks at a time");
                return BUSY;
            }
            task = asked;
            host.perform(this, asked);
            return QUEUED;
        } finally {
            leave(nested);
        }
    }

    @Override
    public void commit() {
        boolean nested = enter();
        try {
            for (int i = 0; i < uncommittedCount; i++) {
                submitted.put(uncommitted[i]);
            }
            if (uncommittedCount > 0) {
                host.ring();
            }
            uncommittedCount = 0;
        } finally {
            leave(nested);
        }
    }

    @Override
    public int poll(int budget) {
        boolean nested = enter();
        try {
            int done = 0;
            while (done < budget) {
                SimCommand mine = ended.take();
                if (mine == null) {
                    break;
                }
                done++;
                used--;
                mine.tell();
            }
            ScsiTask waiting = task;
            if (waiting != null && taskEnded) {
                task = null;
                taskEnded = false;
                waiting.end(taskPerformed);
                done++;
            }
            return done;
        } finally {
            leave(nested);
        }
    }

    /** The adapter has performed the task, or not; on its thread. */
    void taskDone(boolean performed) {
        taskPerformed = performed;
        taskEnded = true;
    }

    /** The adapter was reset; nobody is in the queue. */
    void forget() {
        submitted.clear();
        ended.clear();
        for (SimCommand command : byTag) {
            command.forget();
        }
        uncommittedCount = 0;
        used = 0;
        task = null;
        taskEnded = false;
    }

    /** The place of a command that the adapter has. */
    SimCommand of(ScsiCommand command) {
        return byTag[command.tag()];
    }

    private boolean reaches(ScsiCommand command) {
        var data = command.data();
        if (data.count() > capabilities.maxSegments()) {
            return false;
        }
        DmaTranslation translation = dma.translation();
        int mask = capabilities.segmentAlignment() - 1;
        long boundary = capabilities.segmentBoundary();
        for (int i = 0; i < data.count(); i++) {
            long length = data.length(i);
            long iova = translation.iova(data.address(i), length);
            if (iova == DmaTranslation.NONE || ((iova | length) & mask) != 0) {
                return false;
            }
            if (boundary != 0 && iova / boundary != (iova + length - 1) / boundary) {
                return false;
            }
        }
        return true;
    }

    private void check(ScsiCommand command) {
        if (command.data().bytes() > capabilities.maxTransferBytes()) {
            host.violation("a transfer of " + command.data().bytes() + " bytes");
        }
        if (command.data().count() > capabilities.maxSegments()) {
            host.violation(command.data().count() + " segments");
        }
        if (command.cdbLength() > capabilities.maxCdbBytes()) {
            host.violation("a CDB of " + command.cdbLength() + " bytes");
        }
    }

    private boolean enter() {
        Thread now = Thread.currentThread();
        if (inside.get() == now) {
            return true;
        }
        if (!inside.compareAndSet(null, now)) {
            host.violation("two threads are in a queue");
        }
        return false;
    }

    private void leave(boolean nested) {
        if (!nested) {
            inside.set(null);
        }
    }
}
