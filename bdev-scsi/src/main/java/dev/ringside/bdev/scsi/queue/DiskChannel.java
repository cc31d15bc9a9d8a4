package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.DeviceRequests;
import dev.ringside.bdev.IoChannel;
import dev.ringside.bdev.IoType;

/** One reactor's way to a range of a disk, through the queue of its host that the reactor has. */
public final class DiskChannel implements IoChannel {
    private final UnitQueue unit;
    private final long firstBlock;
    private final HostQueue queue;
    /** With the reset of the disk, while it is reset for this channel. */
    private final DeviceRequests requests = new DeviceRequests();

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
        if (requests.resetting()) {
            return false;
        }
        if (io.type() == IoType.RESET) {
            requests.add();
            requests.reset(io);
            queue.abandon(this);
            queue.events().reset(this);
            return true;
        }
        requests.add();
        if (queue.submit(this, io)) {
            return true;
        }
        requests.takeBack();
        return false;
    }

    @Override
    public void abort(BdevIo io) {
        if (io.type() != IoType.RESET) {
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
        requests.takeBack();
    }

    UnitQueue unit() {
        return unit;
    }

    long firstBlock() {
        return firstBlock;
    }

    /** A request has ended, and its command is free. */
    void done(BdevIo io, int status) {
        requests.complete(io, status);
    }
}
