package dev.ringside.bdev.scsi.queue;

import dev.ringside.bdev.BdevIo;
import dev.ringside.bdev.IoStatus;
import dev.ringside.bdev.IoType;
import dev.ringside.bdev.ScatterList;
import dev.ringside.bdev.scsi.host.ScsiCommand;
import dev.ringside.env.dma.DmaBuffer;
import dev.ringside.env.dma.DmaOwner;
import dev.ringside.env.dma.DmaPool;

/** Puts a copy in the place of data that the adapter does not reach. Owned by its queue. */
final class DataCopy {
    /** There is no buffer now. */
    static final int NO_BUFFER = 1;

    private final DmaPool pool;
    private final DmaOwner owner;
    private final long boundary;

    /**
     * Makes a copier.
     *
     * @param boundary no extent of a copy crosses a multiple of this; 0: none
     */
    DataCopy(DmaPool pool, DmaOwner owner, long boundary) {
        this.pool = pool;
        this.owner = owner;
        this.boundary = boundary;
    }

    /** Has the command go with a copy; {@link IoStatus#OK}, {@link #NO_BUFFER}, or what the request ends with. */
    int make(IoCommand command) {
        ScatterList data = command.scsi.data();
        long bytes = data.bytes();
        DmaBuffer buffer = pool.take((int) bytes, owner);
        if (buffer == null) {
            return NO_BUFFER;
        }
        boolean write = command.scsi.direction() == ScsiCommand.WRITE;
        int status = write ? data.copyAllTo(buffer.segment()) : IoStatus.OK;
        if (status != IoStatus.OK) {
            pool.give(buffer);
            return status;
        }
        ScatterList list = command.copyList;
        list.clear();
        long step = boundary == 0 ? bytes : boundary;
        for (long at = 0; at < bytes; at += step) {
            list.add(buffer.segment(), at, Math.min(step, bytes - at));
        }
        command.copy = buffer;
        command.scsi.replaceData(list);
        return IoStatus.OK;
    }

    /** Gives the copy back, if there is one; what was read into it is lost. */
    void drop(IoCommand command) {
        DmaBuffer copy = command.copy;
        if (copy != null) {
            command.copy = null;
            pool.give(copy);
        }
    }

    /** Gives the copy back, if there is one, after a read's data was brought to where it was asked for. */
    int finish(IoCommand command, int status) {
        DmaBuffer copy = command.copy;
        if (copy == null) {
            return status;
        }
        BdevIo io = command.io();
        boolean read = status == IoStatus.OK && io.type() == IoType.READ;
        int result = read ? io.data().copyAllFrom(copy.segment()) : status;
        drop(command);
        return result;
    }
}
