package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.bdev.scsi.host.ScsiHostQueue;

/** A command of the control thread, by its share of a queue. Owned by that thread. */
public final class ControlCommand implements ScsiCommand.Owner, Arrival {
    private final QueueShare share;
    private final ScsiCommand scsi = new ScsiCommand(0, this);
    private boolean ended;

    /** Makes one. */
    public ControlCommand(QueueShare share) {
        this.share = share;
    }

    /** The command, to be prepared. */
    public ScsiCommand scsi() {
        return scsi;
    }

    /** Gives it to the adapter: as {@link ScsiHostQueue#queueCommand}. */
    public int post() {
        ended = false;
        int taken = share.queueCommand(scsi);
        if (taken == ScsiHostQueue.QUEUED) {
            share.commit();
        }
        return taken;
    }

    /** Looks whether something has come back. */
    public void poll() {
        share.poll(Integer.MAX_VALUE);
    }

    /** Whether it has ended. */
    public boolean ended() {
        return ended;
    }

    @Override
    public void commandDone(ScsiCommand command) {
        share.route(this, command);
    }

    @Override
    public void arrived() {
        ended = true;
    }
}
