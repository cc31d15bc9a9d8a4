package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiDevice;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;
import dev.ringside.env.linux.EventFd;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A queue of an adapter, and the reactors and the control thread that share it. One of them has it at a time; a reactor that finds
 * it taken does not wait, but comes again in its next turn. Alone, it finds it free always.
 */
public final class QueueHub {
    private final ScsiHostQueue port;
    private final @Nullable EventFd interrupt;
    /** What the adapter has, by tag. Belongs to the holder, as do the free tags. */
    private final @Nullable ScsiCommand[] byTag;

    private final int[] freeTags;
    private int freeCount;

    private final AtomicReference<@Nullable QueueShare> holder = new AtomicReference<>();

    /**
     * Makes one that nobody has.
     *
     * @param interrupt signalled by the adapter when there are replies; null: nobody tells
     */
    public QueueHub(ScsiHostQueue port, int depth, @Nullable EventFd interrupt) {
        this.port = port;
        this.interrupt = interrupt;
        this.byTag = new @Nullable ScsiCommand[depth];
        this.freeTags = new int[depth];
        forget();
    }

    /** The adapter's queue, for who has it. */
    public ScsiHostQueue port() {
        return port;
    }

    /** What wakes the reactors that share the queue; null: nothing does. */
    @Nullable
    EventFd interrupt() {
        return interrupt;
    }

    /** Whether the adapter has a command; for who has the queue. */
    public boolean has(ScsiCommand command) {
        return byTag[command.tag()] == command;
    }

    /** Whether the adapter has any command for a device; for who has the queue. */
    public boolean has(ScsiDevice device) {
        for (ScsiCommand command : byTag) {
            if (command != null && command.device().equals(device)) {
                return true;
            }
        }
        return false;
    }

    /** The adapter has forgotten every command; for who has the queue. */
    public void forget() {
        Arrays.fill(byTag, null);
        freeCount = freeTags.length;
        for (int i = 0; i < freeCount; i++) {
            freeTags[i] = freeCount - 1 - i;
        }
    }

    boolean heldBy(QueueShare share) {
        return holder.getOpaque() == share;
    }

    boolean tryEnter(QueueShare share) {
        return holder.compareAndSet(null, share);
    }

    void leave() {
        holder.setRelease(null);
    }

    /**
     * Gives a command to the adapter; by who has the queue.
     *
     * @param spare how many tags are left to others
     */
    int queue(ScsiCommand command, int spare) {
        if (freeCount <= spare) {
            return ScsiHostQueue.BUSY;
        }
        int tag = freeTags[freeCount - 1];
        command.renumber(tag);
        int taken = port.queueCommand(command);
        if (taken == ScsiHostQueue.QUEUED) {
            freeCount--;
            byTag[tag] = command;
        }
        return taken;
    }

    /** A command has come back; by who has the queue. */
    void release(ScsiCommand command) {
        byTag[command.tag()] = null;
        freeTags[freeCount++] = command.tag();
    }
}
