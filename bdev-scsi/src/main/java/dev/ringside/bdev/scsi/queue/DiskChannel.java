package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import org.jspecify.annotations.Nullable;

/** One reactor's way to a range of a disk, through the queue of its host that the reactor has. */
public final class DiskChannel implements IoChannel {
    private final UnitQueue unit;
    private final long firstBlock;
    private final HostQueue queue;
    private int inFlight;
    private @Nullable BdevIo reset;
    /** Whether the disk is being reset for this channel. */
    private boolean resetting;

    /**
     * Joins the queue, until it is closed; on its reactor.
     *
     * @param firstBlock of the range, in blocks of the disk
     */
    public DiskChannel(Unit unit, long firstBlock, HostQueue queue) {
        this.firstBlock = firstBlock;
        this.queue = queue;
        this.unit = queue.join(unit);
    }

    /** The queue that it uses; any thread. */
    public HostQueue queue() {
        return queue;
    }

    /** The disk; any thread. */
    public Unit disk() {
        return unit.unit;
    }

    @Override
    public boolean submit(BdevIo io) {
        if (reset != null) {
            return false;
        }
        if (io.type() == IoType.RESET) {
            reset = io;
            resetting = true;
            queue.abandon(this);
            queue.events().reset(this);
            return true;
        }
        // Counted first: it may end inside the call.
        inFlight++;
        if (queue.submit(this, io)) {
            return true;
        }
        inFlight--;
        return false;
    }

    @Override
    public void abort(BdevIo io) {
        if (io != reset) {
            queue.abort(io);
        }
    }

    @Override
    public void flush() {
        queue.flush();
    }

    @Override
    public void close() {
        queue.leave(unit);
    }

    /** The disk has been reset, as far as that is possible. */
    public void resetDone() {
        resetting = false;
        endReset();
    }

    UnitQueue unit() {
        return unit;
    }

    long firstBlock() {
        return firstBlock;
    }

    /** A request has ended, and its command is free. */
    void done(BdevIo io, int status) {
        inFlight--;
        io.complete(status);
        endReset();
    }

    private void endReset() {
        BdevIo waiting = reset;
        if (waiting != null && !resetting && inFlight == 0) {
            reset = null;
            waiting.complete(IoStatus.OK);
        }
    }
}
