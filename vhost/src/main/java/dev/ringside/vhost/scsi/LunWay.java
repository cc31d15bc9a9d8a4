package dev.ringside.vhost.scsi;

import dev.ringside.bdev.BdevChannel;
import dev.ringside.bdev.BdevInfo;
import dev.ringside.bdev.IoType;
import dev.ringside.env.reactor.Reactor;
import dev.ringside.scsi.cdb.Operation;
import dev.ringside.vhost.scsi.unit.Nexus;
import dev.ringside.vhost.scsi.unit.RangeHolder;
import dev.ringside.vhost.scsi.unit.RangeLock;
import dev.ringside.vhost.scsi.unit.UnitPages;
import java.util.Set;

/** A request queue's way to a logical unit. Owned by the queue's reactor. */
final class LunWay implements RangeHolder {
    final Nexus nexus;
    final BdevChannel channel;
    final WriteFence fence = new WriteFence();
    final RequestQueue queue;
    final int blockShift;
    final Set<Operation> operations;
    final boolean zeroes;
    final boolean compares;
    final boolean verifies;
    final boolean flushes;
    final boolean cached;
    /** Requests that have not ended. */
    int users;
    /** Whether something was submitted since the last flush, or waits for one. */
    boolean dirty;

    /** Opens a way; on the queue's reactor. */
    LunWay(RequestQueue queue, Nexus nexus, BdevChannel channel) {
        BdevInfo info = nexus.unit().info();
        this.queue = queue;
        this.nexus = nexus;
        this.channel = channel;
        this.blockShift = Integer.numberOfTrailingZeros(info.blockSize());
        this.operations = UnitPages.operations(info);
        this.zeroes = info.supported().contains(IoType.WRITE_ZEROES);
        this.compares = info.supported().contains(IoType.COMPARE);
        this.verifies = info.supported().contains(IoType.VERIFY);
        this.flushes = info.supported().contains(IoType.FLUSH);
        this.cached = info.writeCache();
    }

    @Override
    public Reactor reactor() {
        return queue.reactor();
    }

    @Override
    public void hold(RangeLock lock) {
        fence.hold(lock);
    }

    @Override
    public void release(RangeLock lock) {
        fence.release(lock);
    }

    /** Takes part in what the unit's ways do together. */
    void join() {
        nexus.unit().ranges().join(this);
    }

    void close() {
        nexus.unit().ranges().leave(this);
        nexus.unit().closeChannel(channel);
    }
}
