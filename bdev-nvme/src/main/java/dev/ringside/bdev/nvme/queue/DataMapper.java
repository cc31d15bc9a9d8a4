package dev.ringside.bdev.nvme.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;
import dev.ringside.env.dma.DmaSpace;

/** Says where a command's data is: where the request has it, and else in a copy. */
final class DataMapper {
    /** There is no buffer for a copy now. */
    static final int NO_BUFFER = 1;

    private final DmaSpace dma;
    private final DmaPool pool;
    private final DmaOwner owner;
    private final QueueCounters counters;

    DataMapper(DmaSpace dma, QueueMemory memory, QueueCounters counters) {
        this.dma = dma;
        this.pool = memory.pool;
        this.owner = memory.owner;
        this.counters = counters;
    }

    /** Fills the data pointer; {@link IoStatus#OK}, {@link #NO_BUFFER}, or what the request ends with. */
    int map(Tracker tracker, BdevIo io) {
        DataPointer pointer = tracker.pointer;
        IoType type = io.type();
        if (type.movesData()) {
            return pointer.scattered(io.data(), dma.translation()) ? IoStatus.OK : copy(tracker, io);
        }
        if (type == IoType.UNMAP) {
            pointer.range(io.lba(), io.blocks());
        } else if (type == IoType.COPY) {
            pointer.source(io.source(), io.blocks());
        } else {
            pointer.none();
        }
        return IoStatus.OK;
    }

    /** Gives the copy back, if there is one, after a read's data was brought to where it was asked for. */
    int unmap(Tracker tracker, int status) {
        DmaBuffer copy = tracker.copy;
        if (copy == null) {
            return status;
        }
        tracker.copy = null;
        BdevIo io = tracker.io();
        boolean read = status == IoStatus.OK && io.type() == IoType.READ;
        int result = read ? io.data().copyAllFrom(copy.segment()) : status;
        pool.give(copy);
        return result;
    }

    private int copy(Tracker tracker, BdevIo io) {
        long bytes = io.data().bytes();
        DmaBuffer buffer = pool.take((int) bytes, owner);
        if (buffer == null) {
            return NO_BUFFER;
        }
        int status = io.type() == IoType.READ ? IoStatus.OK : io.data().copyAllTo(buffer.segment());
        if (status == IoStatus.OK && !tracker.pointer.contiguous(buffer.iova(), bytes)) {
            status = IoStatus.INVALID;
        }
        if (status != IoStatus.OK) {
            pool.give(buffer);
            return status;
        }
        counters.increment(QueueCounters.COPIED);
        tracker.copy = buffer;
        return status;
    }
}
